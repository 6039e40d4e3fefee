/** Root's own folder: root file systems that containers share, and scratch. */
export const stateFolder = '/var/lib/lakitu'
export const baseFolder = `${stateFolder}/base`

/** What every container of the box has in its configuration. */
export const boxConfig = `lxc.tty.max = 1
lxc.pty.max = 1024
lxc.apparmor.profile = unconfined
`

/**
 * The box's own lxc-template: the root file system is unpacked once, and each container gets an overlay on it. Where an
 * overlay cannot be mounted, each container gets a copy. The lock is held until the container's configuration names
 * the base, so that \`pruneScript\` cannot take it away in between.
 */
export const templateScript = `#!/bin/sh
set -eu
while [ $# -gt 0 ]; do
  case $1 in
    --name=*) name=\${1#*=} ;;
    --path=*) path=\${1#*=} ;;
    --rootfs=*) rootfs=\${1#*=} ;;
    --tarball) tarball=$2; shift ;;
    --config) boxconf=$2; shift ;;
  esac
  shift
done
umask 022
base=${baseFolder}/$(cat "$(dirname "$0")/base.id")
unpack() { tar --numeric-owner --xattrs -xf "$tarball" -C "$1" --strip-components=2 && [ -x "$1/bin/true" ]; }
overlay_works() {
  t=$(mktemp -d "$path/overlay.XXXXXX")
  mkdir "$t/upper" "$t/work" "$t/merged"
  works=1
  if mount -t overlay -o "lowerdir=$base,upperdir=$t/upper,workdir=$t/work" overlay "$t/merged" 2>/dev/null; then
    works=0
    umount "$t/merged"
  fi
  rm -rf --one-file-system "$t"
  return $works
}
mkdir -p ${baseFolder}
exec 9>${baseFolder}/lock
flock 9
if [ ! -d "$base" ]; then
  rm -rf "$base.new"
  mkdir "$base.new"
  unpack "$base.new"
  mv "$base.new" "$base"
fi
if overlay_works; then
  changes=$path/delta
  sed -i "s|^lxc.rootfs.path.*|lxc.rootfs.path = overlay:$base:$changes|" "$path/config"
else
  echo 'overlay cannot be mounted here: unpacking a copy'
  changes=$rootfs
  unpack "$rootfs"
fi
mkdir -p "$changes/etc"
cat "$boxconf" >> "$path/config"
host=$(sed -n 's/^lxc.uts.name *= *//p' "$path/config" | head -n 1)
host=\${host:-$name}
echo "$host" > "$changes/etc/hostname"
printf '127.0.0.1 localhost\\n127.0.1.1 %s\\n' "$host" > "$changes/etc/hosts"
`

/** Removes shared root file systems that no container names; $1 is the folder of the containers. */
export const pruneScript = `set -eu
[ -d ${baseFolder} ] || exit 0
exec 9>${baseFolder}/lock
flock 9
for base in ${baseFolder}/*/; do
  [ -d "$base" ] || continue
  grep -qsF "overlay:\${base%/}:" "$1"/*/config || rm -rf --one-file-system "$base"
done
`
