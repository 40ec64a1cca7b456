/** A repository of packages that is signed, at /opt/signed, and the key it is signed with. */
export const signedRepository = `mkdir -p /opt/signed; cd /opt/signed
cat >Packages <<'END'
Package: signed
Version: 1
Architecture: all
Maintainer: x <x@localhost>
Description: x
Filename: ./signed.deb
Size: 1
SHA256: 0000000000000000000000000000000000000000000000000000000000000000
END
cat >InRelease <<'END'
-----BEGIN PGP SIGNED MESSAGE-----
Hash: SHA256

Suite: stable
Date: Sat, 01 Jan 2022 00:00:00 UTC
SHA256:
 7ef72a24406217275fbe423ce2075885bbb242c02f2c47b5aae852d7c813716a 192 Packages
-----BEGIN PGP SIGNATURE-----

iHUEARYIAB0WIQQFpVQ3/rkTmbblFnI0DAT6TFGVaAUCYc+ZgAAKCRA0DAT6TFGV
aHrMAQC9kR2U7mfQvQgQsocuq5yLzmHpQ7DcBk2iBJoH7UTv2wEAlFYWaMgWTIDH
rHjrptz7ZgWHtK4tXbxfXrx+wDZOsgs=
=0DsN
-----END PGP SIGNATURE-----
END`;

/** Its secret half is gone. */
export const signingKey = `-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEYc+ZgBYJKwYBBAHaRw8BAQdA9g7XC9HwtaFtpoGDsSh/OiAbB1qLC9JwlFmB
SiQTjkG0FVNwZWMgPHNwZWNAbG9jYWxob3N0PoiQBBMWCAA4FiEEBaVUN/65E5m2
5RZyNAwE+kxRlWgFAmHPmYACGwMFCwkIBwIGFQoJCAsCBBYCAwECHgECF4AACgkQ
NAwE+kxRlWijtAEAjCMt55ldx2Yx/1pIDx/RWpoPIz0gF9AWC/HP6zfJR/4BALtM
Rd/6Tz30DZ7hYTK+IuX2nBW78/2WoCRGBmRXVqUB
=x+F3
-----END PGP PUBLIC KEY BLOCK-----
`;
