import{createRequire as bundleRequire}from'node:module';const require=bundleRequire(import.meta.url);
import{b as a,c as b}from"./chunk-AKLDATM7.js";import"./chunk-MK32OVRI.js";import"./chunk-W4UHTL2R.js";import"./chunk-MXBBA6YJ.js";import"./chunk-SZSM6RAI.js";import"./chunk-RDIL2V5L.js";import"./chunk-43V4LF6W.js";import"./chunk-L5CYUCFM.js";export{a as applyHosted,b as placeOf};
