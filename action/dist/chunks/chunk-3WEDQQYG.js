import{createRequire as bundleRequire}from'node:module';const require=bundleRequire(import.meta.url);
async function r({controlPlane:n},o){if(!n)return;let{supabaseControlPlane:t}=await import("./supabase-SGI4QBPD.js");return t(n,o)}export{r as a};
