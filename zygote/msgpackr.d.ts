/** This entry neither compiles code from strings nor starts threads; its types are the main one's. */
declare module "msgpackr/index-no-eval" {
  export { Packr, Unpackr } from "msgpackr";
}
