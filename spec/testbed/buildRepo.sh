#!/bin/bash
# buildRepo.sh: fills /opt/repo with small packages for trying apt and dpkg. Runs inside the base.
#
#   hello-consfig 1.0, 2.0   a file
#   greeter                  depends on hello-consfig (>= 2.0)
#   mail-by-post             provides the virtual package consfig-mail-agent
#   webby                    a web server on port 8088 with unit, init script and conffile
#   askme                    asks a debconf question and writes the answer to /etc/askme.conf
#   broken-postinst          cannot be configured
set -euo pipefail
repo=/opt/repo
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

begin() { # NAME VERSION [CONTROL_LINE...]
  name=$1 version=$2 tree=$work/$1
  shift 2
  rm -rf "$tree"
  mkdir -p "$tree/DEBIAN" "$tree/usr/share/$name"
  {
    printf 'Package: %s\nVersion: %s\nArchitecture: all\n' "$name" "$version"
    printf 'Section: misc\nPriority: optional\n'
    echo 'Maintainer: Test Bed <root@localhost>'
    [ $# = 0 ] || printf '%s\n' "$@"
    echo "Description: test package $name"
  } >"$tree/DEBIAN/control"
  echo "$name $version" >"$tree/usr/share/$name/version"
}

put() { # MODE PATH <CONTENT
  mkdir -p "$(dirname "$tree$2")"
  cat >"$tree$2"
  chmod "$1" "$tree$2"
}

finish() {
  local deb=${name}_${version}_all.deb
  dpkg-deb --root-owner-group --build "$tree" "$repo/$deb" >/dev/null
  {
    dpkg-deb --field "$repo/$deb"
    echo "Filename: ./$deb"
    echo "Size: $(stat -c %s "$repo/$deb")"
    echo "SHA256: $(sha256sum <"$repo/$deb" | cut -d' ' -f1)"
    echo
  } >>"$repo/Packages"
}

begin hello-consfig 1.0; finish
begin hello-consfig 2.0; finish
begin greeter 1.0 'Depends: hello-consfig (>= 2.0)'; finish
begin mail-by-post 1.0 'Provides: consfig-mail-agent'; finish

begin webby 1.0 'Depends: busybox'
put 644 /etc/webby.conf <<<'PORT=8088'
put 644 /srv/webby/index.html <<<'webby'
put 755 /usr/sbin/webby <<'END'
#!/bin/sh
. /etc/webby.conf
exec busybox httpd -f -p "$PORT" -h /srv/webby
END
put 644 /lib/systemd/system/webby.service <<'END'
[Unit]
Description=small web server
[Service]
ExecStart=/usr/sbin/webby
[Install]
WantedBy=multi-user.target
END
put 755 /etc/init.d/webby <<'END'
#!/bin/sh
### BEGIN INIT INFO
# Provides:          webby
# Required-Start:    $remote_fs
# Required-Stop:     $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: small web server
### END INIT INFO
. /lib/lsb/init-functions
pid=/run/webby.pid
case "$1" in
  start) start-stop-daemon --start --quiet --oknodo --background --make-pidfile --pidfile $pid \
    --exec /usr/sbin/webby ;;
  stop) start-stop-daemon --stop --quiet --oknodo --retry 5 --remove-pidfile --pidfile $pid ;;
  restart | force-reload) "$0" stop && "$0" start ;;
  status) status_of_proc -p $pid /usr/sbin/webby webby ;;
  *) echo "usage: $0 {start|stop|restart|force-reload|status}" >&2; exit 2 ;;
esac
END
printf '/etc/webby.conf\n/etc/init.d/webby\n' | put 644 /DEBIAN/conffiles
put 755 /DEBIAN/postinst <<'END'
#!/bin/sh
set -e
if [ "$1" = configure ]; then
  deb-systemd-helper enable webby.service >/dev/null || true
  update-rc.d webby defaults >/dev/null
  [ ! -d /run/systemd/system ] || systemctl daemon-reload
  invoke-rc.d webby start
fi
END
put 755 /DEBIAN/prerm <<'END'
#!/bin/sh
set -e
[ "$1" != remove ] || invoke-rc.d webby stop
END
put 755 /DEBIAN/postrm <<'END'
#!/bin/sh
set -e
if [ "$1" = purge ]; then
  deb-systemd-helper purge webby.service >/dev/null || true
  update-rc.d webby remove >/dev/null
fi
[ ! -d /run/systemd/system ] || systemctl daemon-reload
END
finish

begin askme 1.0 'Depends: debconf'
put 644 /DEBIAN/templates <<'END'
Template: askme/colour
Type: string
Default: grey
Description: Colour to use
 Any word will do.
END
put 755 /DEBIAN/config <<'END'
#!/bin/sh
set -e
. /usr/share/debconf/confmodule
db_input high askme/colour || true
db_go || true
END
put 755 /DEBIAN/postinst <<'END'
#!/bin/sh
set -e
. /usr/share/debconf/confmodule
db_get askme/colour
echo "colour=$RET" >/etc/askme.conf
END
finish

begin broken-postinst 1.0
put 755 /DEBIAN/postinst <<'END'
#!/bin/sh
echo "broken-postinst: cannot be configured" >&2
exit 1
END
finish
