import{createRequire as bundleRequire}from'node:module';const require=bundleRequire(import.meta.url);
async function m(e,t,a){let o=new Map,s=e.entries(),i=async()=>{for(let[r,n]of s)o.set(r,await a(n))};return await Promise.all(Array.from({length:Math.min(t,e.length)},i)),e.map((r,n)=>o.get(n))}export{m as a};
