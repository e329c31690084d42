import{createRequire as bundleRequire}from'node:module';const require=bundleRequire(import.meta.url);
async function i(e,n,t,s){let a=e.elapsed()+n.forMs;for(;;){let o=e.elapsed()>=a,r=await t();if(r!==void 0||o)return r;await e.sleep(Math.min(n.everyMs,Math.max(1,a-e.elapsed())),s)}}export{i as a};
