/** Made by build/bundled-types.ts. */
declare module "virtual:script-types" {
  const url: string;
  export default url;
}
