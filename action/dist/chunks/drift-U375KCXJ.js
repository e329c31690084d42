import{createRequire as bundleRequire}from'node:module';const require=bundleRequire(import.meta.url);
import{e as y,f as h,l as f,m as v}from"./chunk-JMTLMU7S.js";import{a as w,c as I}from"./chunk-AKLDATM7.js";import{d,h as u,i as l,v as $}from"./chunk-MK32OVRI.js";import"./chunk-W4UHTL2R.js";import"./chunk-MXBBA6YJ.js";import"./chunk-SZSM6RAI.js";import"./chunk-RDIL2V5L.js";import{g}from"./chunk-43V4LF6W.js";import"./chunk-L5CYUCFM.js";var E="drift",b=6e4;function R({issues:t,emit:i,runUrl:o}){return{begin:async()=>{},event:()=>{},end:async({agencies:a,error:s})=>{if(s)return;let n=a.filter(({result:e})=>e==="changes"||e==="blocked"),r=a.every(({result:e})=>e!=="failed"&&e!=="waiting");try{n.length>0?await t.ensure({key:E,...k(n,o)}):r&&await t.close(E,"Everything is as the manifests say again.")}catch(e){i({type:"notice",message:`the issue about drift was not kept: ${g(e).message}`})}}}}function k(t,i){let o=y(t.length,"agency","agencies"),s=[`At the vendors ${t.length===1?"one agency is":`${o} are`} not as recorded, although no manifest changed.`,`If somebody\u2019s change is meant to stay, put it into the manifest. If not, run \`apply\` for these agencies: ${t.map(({slug:r})=>f(r)).join(", ")}.`,...i===void 0?[]:[`Seen by ${i}`]].join(`

`),n=0;for(let{slug:r,plan:e,error:m}of t){let c=e?v(h({agency:r,changes:e.changes})):f(m?.message??""),p=`

**${f(r)}**

${c}`;s.length+p.length>b?n+=1:s+=p}return n>0&&(s+=`

The plans of ${n} more are in the log of the run.`),{title:`Drift: ${o} moved at the vendors`,body:s}}async function K({inputs:t,variables:i,workflow:o,here:a}){let s=u(i),n=await w(a,{environment:l(i),workflow:o}),{issues:r}=n.forge,e=R({issues:r,emit:a.emit,...o&&{runUrl:o.url}}),m=t.agencies.length===0?[e]:[],c=await d(a,s,{...I(n),followers:m});return $({mode:"plan",agencies:t.agencies,settled:!0},c)}export{K as driftHosted};
