/**
 * What other folders use of it: the syntax of ssh_config, and the account that runs this process.
 */
export { localAccount } from "./localAccount.js";
export { filesIncluded, matchesPatterns, settingIn, splitWords } from "./sshConfigSyntax.js";
