import { shellText } from "../base/index.js";

/** `digest` prints the SHA-256 of its stdin, and what the program that is there adds to it. */
export const digest = shellText`
  digest() {
    if command -v sha256sum >/dev/null; then sha256sum;
    elif command -v sha256 >/dev/null; then sha256 -q;
    elif command -v shasum >/dev/null; then shasum -a 256;
    else openssl dgst -sha256 -r;
    fi;
  }
`;
