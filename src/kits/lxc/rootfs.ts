/** What debootstrap puts into the root file system, beyond its minimal base. */
export const packages = [
  'systemd-sysv',
  'openssh-server',
  'python3',
  'sudo',
  'iproute2',
  'ca-certificates',
  'dbus',
  'unzip',
  'iputils-ping',
] as const

/** Run once per boot before ssh: gives each container host keys of its own, and Nomad the cgroups that it writes to. */
const bootScript = `#!/bin/sh
[ -f /etc/ssh/ssh_host_ed25519_key ] || ssh-keygen -q -t ed25519 -N '' -f /etc/ssh/ssh_host_ed25519_key
# With cgroup v1 and cpu apart from cpuacct, systemd leaves links to an empty read-only folder. Elsewhere: nothing to do.
[ -L /sys/fs/cgroup/cpu ] && [ -z "$(ls -A /sys/fs/cgroup/cpu/ 2>/dev/null)" ] || exit 0
mount -o remount,rw /sys/fs/cgroup || exit 0
for controller in cpu cpuacct; do
  rm -f "/sys/fs/cgroup/$controller"
  mkdir -p "/sys/fs/cgroup/$controller"
  mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller" || true
done
`

const bootUnit = `[Unit]
Description=Host key and writable cgroups
DefaultDependencies=no
After=systemd-tmpfiles-setup.service local-fs.target
Before=ssh.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/lakitu-boot

[Install]
WantedBy=multi-user.target
`

const sshConfig = `HostKey /etc/ssh/ssh_host_ed25519_key
MaxStartups 100
MaxSessions 64
UseDNS no
`

/** Units that a container on a fixed address has no use for; each costs time at boot. */
const masked = [
  'systemd-networkd.service',
  'systemd-networkd.socket',
  'systemd-network-generator.service',
  'systemd-pstore.service',
  'systemd-remount-fs.service',
  'e2scrub_reap.service',
  'getty@tty1.service',
  'console-getty.service',
  'dev-hugepages.mount',
  'dev-mqueue.mount',
] as const

/** A shell script for a chroot in the new root file system. `keys`: lines for the user vagrant's authorized_keys. */
export function tuningScript(keys: string): string {
  return `set -eu
export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin
useradd -m -s /bin/bash -p '*' vagrant
echo 'vagrant ALL=(ALL) NOPASSWD:ALL' > /etc/sudoers.d/vagrant
chmod 0440 /etc/sudoers.d/vagrant
mkdir -m 0700 /home/vagrant/.ssh
${write('/home/vagrant/.ssh/authorized_keys', keys)}
chmod 0600 /home/vagrant/.ssh/authorized_keys
chown -R vagrant:vagrant /home/vagrant/.ssh
${write('/etc/ssh/sshd_config.d/lakitu.conf', sshConfig)}
${write('/usr/local/sbin/lakitu-boot', bootScript)}
chmod 0755 /usr/local/sbin/lakitu-boot
${write('/etc/systemd/system/lakitu-boot.service', bootUnit)}
systemctl -q enable ssh.service lakitu-boot.service
systemctl -q set-default multi-user.target
systemctl -q mask ${masked.join(' ')}
for timer in /lib/systemd/system/*.timer; do systemctl -q mask "$(basename "$timer")"; done
: > /etc/machine-id
rm -f /var/lib/dbus/machine-id /etc/ssh/ssh_host_* /etc/hostname /etc/resolv.conf
: > /etc/resolv.conf
echo '127.0.0.1 localhost' > /etc/hosts
rm -rf /var/cache/apt/archives/*.deb /var/lib/apt/lists/* /var/log/bootstrap.log
`
}

function write(path: string, content: string): string {
  return `cat > ${path} <<'END-OF-FILE'\n${content.trimEnd()}\nEND-OF-FILE`
}

/**
 * Makes, tunes and packs a root file system, in one process that cleans up after itself when it is stopped.
 * $1: scratch folder; $2: compressor; $3: option for debootstrap; then release and mirror. Standard input: tuningScript.
 */
export const bootstrapScript = `set -eu
scratch=$1 compress=$2 include=$3
shift 3
clear_rootfs() {
  # debootstrap mounts /proc in there: nothing must be removed through it.
  while read -r _ target _; do
    case $target in "$scratch"/*) umount -l "$target" ;; esac
  done < /proc/self/mounts
  rm -rf --one-file-system "$scratch/rootfs"
}
trap 'clear_rootfs; [ -n "\${packed:-}" ] || rm -rf "$scratch"' EXIT
trap 'exit 143' TERM
trap 'exit 130' INT
trap 'exit 129' HUP
clear_rootfs
mkdir -p "$scratch"
debootstrap --variant=minbase "$include" "$1" "$scratch/rootfs" \${2:+"$2"} < /dev/null
echo 'I: Tuning'
chroot "$scratch/rootfs" /bin/sh -s
echo 'I: Packing'
# The template takes off two parts of each path: the leading ./ must be there.
tar --numeric-owner --xattrs -I "$compress" -C "$scratch" -cf "$scratch/rootfs.tar.gz" ./rootfs
packed=yes
`
