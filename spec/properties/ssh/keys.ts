/** Public keys whose secret halves are gone. */
const base = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI";
export const k1 = `${base}DtoP5Bt5dIruYcM8rAEWQuSb1Y+z2S+xOpAPZZvb/L9`;
export const k2 = `${base}BxoWq6b2QNjtD/gWtgl6qNtmF27FiFwlhY+luTCYeK1`;
export const k3 = `${base}E6ewdi3CZ2hFb//T+nDzmljy44pzqweH3Ep77cNbzf2`;
export const ecdsa =
  "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEPaVWq0UcFUsRiXvhOv3tum+fhUbaBhLaVFYXaj7DPwCPqVtU6JwPz9EYx5N4z8Q69WG13jZ6oaRg7FSi7oQQM=";
