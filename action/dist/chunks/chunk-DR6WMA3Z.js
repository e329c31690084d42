import{createRequire as bundleRequire}from'node:module';const require=bundleRequire(import.meta.url);
import{setTimeout as o}from"node:timers/promises";function i(e=1){return{now:()=>Date.now(),elapsed:()=>performance.now()/e,sleep:(t,n)=>o(t*e,void 0,n?{signal:n}:{})}}function m(e){return`${new Date(e).toISOString().slice(0,19)}Z`}export{i as a,m as b};
