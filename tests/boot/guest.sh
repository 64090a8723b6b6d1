# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For ./debian and ./dracut, which set "here", "prefix" and "out": Debian as it is installed, as
# a disk image, in a machine that crashes; and what it leaves behind.
cache=${KEXEC_IOMMU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kexec-iommu}
tests=$here/..
# shellcheck source=tests/lib/roots.sh
. "$tests/lib/roots.sh"
base=$cache/debian
packages=kdump-tools,makedumpfile,systemd-sysv,udev,kmod,initramfs-tools,procps,file
cmdline="root=/dev/nvme0n1 rw panic=1 crashkernel=256M mitigations=off cryptomgr.notests
	no_timer_check systemd.default_timeout_start_sec=600"
quiet=${QUIET:-900}  # seconds of real time in which a guest says nothing, before it counts as
limit=${LIMIT:-3600} # dead; and in all. Alone it needs three minutes
PATH=$PATH:/sbin:/usr/sbin

test_name=${0##*/}
skip() { echo "SKIP $test_name: $*"; exit 0; }
fail() { echo "FAIL $test_name: $*  [${out:-}]"; exit 1; }

# Debian with kdump-tools and initrds that drive NVMe, made once: an emulator takes minutes for
# one, and half an hour for one of all modules. From Debian 13 on kdump-tools leaves its own to
# the first boot.
new_base() { # SUITE ARCH ROOT
	local root=$3
	# shellcheck disable=SC2016 # for mmdebstrap
	new_root "$1" "$2" "$packages,linux-image-$2" "$root" --essential-hook='
		dir=$1/etc/initramfs-tools
		mkdir -p "$dir/conf.d" "$1/usr/share/initramfs-tools/modules.d"
		echo MODULES=list > "$dir/conf.d/rig"
		echo update_initramfs=no > "$dir/update-initramfs.conf"
		printf "nvme\next4\n" > "$1/usr/share/initramfs-tools/modules.d/rig"' &&
		cp "$root/etc/kdump/sysctl.conf" \
			"$root/var/lib/kdump/latest_sysctls-$(ls "$root/lib/modules")" &&
		[ -e "$root/boot/initrd.img-$(ls "$root/lib/modules")" ]
}

make_base() { # SUITE [ARCH]
	suite=$1 arch=${2:-amd64} base=$cache/debian
	[ "$1" = bookworm ] || base=$base-$1
	[ "$arch" = amd64 ] || base=$base-$arch
	[ -d "$base" ] || command -v mmdebstrap > /dev/null || skip "mmdebstrap is not installed"
	for_arch "$arch" true || skip "programs of $arch can't run here"
	in_cache "$base" new_base "$suite" "$arch" > "$output/base-$suite-$arch.log" 2>&1 ||
		{ out=$output/base-$suite-$arch.log; fail "mmdebstrap"; }
	machine
}

# COMMAND in ROOT, which is of $arch; of this machine's own also with a /proc
in_root() { # ROOT COMMAND...
	if [ "$arch" = amd64 ]; then
		# shellcheck disable=SC2016 # for that shell
		unshare -m sh -ec 'mount -t proc proc "$1/proc"; exec chroot "$@"' - "$@"
	else
		for_arch "$arch" chroot "$@"
	fi
}

# The packages of this tree for the suite, in the directory $debs: DEBS, if they are of this
# machine's suite; or built here, once.
built_debs() {
	local here_debs=yes
	debs=${DEBS:-$output/debs}
	# shellcheck disable=SC1091 # of the machine
	if [ "$suite $arch" != "$(. /etc/os-release && echo "$VERSION_CODENAME") amd64" ]; then
		debs=$output/debs-$suite-$arch here_debs=''
	fi
	! compgen -G "$debs/*.deb" > /dev/null || return 0
	if [ -n "$here_debs" ]; then
		DEB_BUILD_OPTIONS=nocheck "$tests/../kdump/mkdeb" "$debs" -b
	else
		debs_for "$suite" "$arch" "$debs"
	fi > "$output/mkdeb-$suite-$arch.log" 2>&1 || fail "mkdeb"
}

# apt in ROOT; what it downloads is kept for the next time.
apt_in() { # ROOT LOG ARGUMENT...
	local root=$1 log=$2 kept
	kept=$cache/debs-${base##*/}
	shift 2
	mkdir -p "$kept"
	cp -t "$root/var/cache/apt/archives" "$kept"/*.deb 2> /dev/null || true
	in_root "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
		-o APT::Keep-Downloaded-Packages=1 -o APT::Sandbox::User=root "$@" \
		>> "$log" 2>&1 < /dev/null || fail "apt-get install $*"
	mv -t "$kept" "$root"/var/cache/apt/archives/*.deb 2> /dev/null || true
}

# What kexec-tools brought, but its documents and its test kernel, is there after it has gone.
as_kexec_tools() { # ROOT LIST
	local file
	while read -r file; do
		[ -e "$1/$file" ] || fail "$file of kexec-tools is missing"
	done < <(grep -v -e /doc/ -e /lintian/ -e kexec_test -e lib/kexec-tools "$2")
}

# The packages, with apt, and the one line; and what the crash needs.
install_packages() { # ROOT
	local root=$1 compiler=gcc
	built_debs
	mkdir -p "$root/tmp/debs"
	cp "$debs"/{kexec-iommu,iommudump}_*.deb "$root/tmp/debs"
	in_root "$root" sh -c 'for f in $(dpkg -L kexec-tools); do [ ! -f "$f" ] || echo "$f"; done' \
		> "$out/kexec-tools.list"
	apt_in "$root" "$out/apt.log" "/tmp/debs/$(basename "$debs"/kexec-iommu_*_"$arch".deb)" \
		"/tmp/debs/$(basename "$debs"/iommudump_*_"$arch".deb)"
	as_kexec_tools "$root" "$out/kexec-tools.list"
	sed -i 's/^#IOMMU=auto/IOMMU=auto/' "$root/etc/kdump-iommu.conf"
	if [ "$arch" = arm64 ]; then
		compiler=aarch64-linux-gnu-gcc
		# without a driver that kernel blocks a device by itself
		echo pci-stub > "$root/etc/modules-load.d/rig.conf"
		echo 'options pci-stub ids=1234:11e8' > "$root/etc/modprobe.d/rig.conf"
	fi
	for program in edu gap; do
		"$compiler" -O2 -static -o "$root/usr/local/sbin/$program" "$here/$program.c" || fail "$program"
	done
}

guest_unit() {
	cat <<-END
		[Unit]
		After=kdump-tools.service
		[Service]
		Type=oneshot
		ExecStart=/usr/local/sbin/crash-now
		StandardOutput=tty
		TTYPath=/dev/$events_tty
		[Install]
		WantedBy=multi-user.target
	END
}

# the root file system with a service that runs "crash-now", as a disk image
pack() { # ROOT
	echo "/dev/nvme0n1 / ext4 defaults 0 0" > "$1/etc/fstab"
	chmod 755 "$1/usr/local/sbin/crash-now"
	guest_unit > "$1/etc/systemd/system/crash-now.service"
	ln -sf ../crash-now.service "$1/etc/systemd/system/multi-user.target.wants/"
	truncate -s 3G "$out/disk.img"
	mke2fs -q -F -t ext4 -d "$1" "$out/disk.img"
	rm -rf "$1"
}

# a copy of the base, changed by the command, as a disk image
make_image() { # COMMAND
	local root=$out/root
	mkdir "$root"
	cp -a --reflink=auto "$base/." "$root"
	give_null "$root"
	"$1" "$root"
	pack "$root"
}

# When the guest says "@@ plug" the machine gets one more device.
plug() {
	local n
	for ((n = 0; n < limit; n++)); do
		[ ! -e "$out/done" ] || return 0
		! grep -qs '^@@ plug' "$out/events" || break
		sleep 1
	done
	grep -qs '^@@ plug' "$out/events" || return 0
	python3 - "$out/monitor" 'device_add edu,dma_mask=0xffffffffffffffff,bus=rp0' <<-'END'
		import socket, sys
		with socket.socket(socket.AF_UNIX) as s:
		    s.settimeout(60)
		    s.connect(sys.argv[1])
		    s.sendall(sys.argv[2].encode() + b'\n')
		    reply = b''
		    while reply.count(b'(qemu) ') < 2:
		        reply += s.recv(4096)
	END
}

devices=() # options for QEMU: the machine's firmware, where it is not SeaBIOS, or devices

# The machine's end, or ours of it.
watched() { # PID
	local begin=$SECONDS last=$SECONDS size='' now
	while kill -0 "$1" 2> /dev/null; do
		now=$(stat -c %s "$out/serial.log" "$out/events" 2> /dev/null || true)
		[ "$now" = "$size" ] || last=$SECONDS
		size=$now
		if [ $((SECONDS - last)) -gt "$quiet" ] || [ $((SECONDS - begin)) -gt "$limit" ]; then
			kill "$1"
			wait "$1" || true
			touch "$out/done"
			fail "the machine said nothing for $((SECONDS - last)) s, and did not end in $((SECONDS - begin)) s"
		fi
		sleep 1
	done
	wait "$1"
}

# What differs between machines: QEMU's options and the kernel's.
machine() {
	events_tty=ttyS1 qemu=(qemu-system-x86_64 -M q35,kernel-irqchip=split -cpu qemu64
		-device intel-iommu,intremap=on -device isa-serial,chardev=events,index=1)
	options="console=ttyS0 intel_iommu=on iommu=pt"
	[ "$arch" = arm64 ] || return 0
	events_tty=ttyS0 qemu=(qemu-system-aarch64 -M virt,gic-version=3,iommu=smmuv3
		-cpu cortex-a72 -device pci-serial,chardev=events)
	options="console=ttyAMA0 iommu.passthrough=1"
}

# The kernel of the base, or of another directory that is as /boot, in a machine to its end.
crash() { # [BOOT VERSION]
	local boot=${1:-$base/boot} version=${2:-} rc=0
	version=${version:-$(ls "$base/lib/modules")}
	rm -f "$out/done" "$out/events" "$out/serial.log"
	plug &
	"${qemu[@]}" -accel tcg \
		-m 1024 -nodefaults -display none -no-reboot -serial "file:$out/serial.log" \
		-chardev "file,id=events,path=$out/events" \
		-monitor "unix:$out/monitor,server=on,wait=off" -icount shift=2 \
		-drive "if=none,id=nvme,file=$out/disk.img,format=raw,cache=unsafe" \
		-device nvme,drive=nvme,serial=rig "${devices[@]}" \
		-kernel "$boot/vmlinuz-$version" -initrd "$boot/initrd.img-$version" \
		-append "$options ${cmdline//[[:space:]]/ }" &
	watched $! || rc=$?
	touch "$out/done"
	wait
	[ "$rc" = 0 ] || fail "QEMU: status $rc"
}

# told EVENT: what the guest has to have said
told() {
	tr -d '\r' < "$out/events" | grep -qx "@@ $1" || fail "no event '$1'"
}

# said REGEX: what iommudump has to say
said() {
	grep -q "$1" "$out/iommudump.txt" || fail "iommudump: no '$1'"
}

# What the machine saved, and its root again as a directory.
saved() {
	rm -rf "$out/crash" "$out/vmcore" "$out/dmesg"
	debugfs -R "rdump /var/crash $out" "$out/disk.img" > "$out/debugfs.log" 2>&1
}

unpack_root() { # ROOT
	mkdir "$1"
	debugfs -R "rdump / $1" "$out/disk.img" > "$out/debugfs.log" 2>&1
	give_null "$1"
}

# check_dump VMCORE: of the crash, by the messages that makedumpfile and vmcore-dmesg find
check_dump() {
	if [ "$arch" = amd64 ]; then
		makedumpfile --dump-dmesg -f "$1" "$out/dmesg" > /dev/null 2>&1 ||
			fail "makedumpfile --dump-dmesg"
	else
		# that here reads dumps of this machine; the guest's has been asked by kdump-tools
		find "$out/crash" -name 'dmesg.*' -exec cp {} "$out/dmesg" \;
	fi
	grep -q 'sysrq: Trigger a crash' "$out/dmesg" || fail "the dump is not of the crash"
	"$prefix/sbin/vmcore-dmesg" "$1" > "$out/vmcore-dmesg" 2>&1 ||
		fail "vmcore-dmesg: $(tail -n 1 "$out/vmcore-dmesg")"
	grep -q 'sysrq: Trigger a crash' "$out/vmcore-dmesg" || fail "vmcore-dmesg: another kernel"
}

# check_reports DIR MODE DEVICE: beside the dump the notes, and reports that know the device
check_reports() {
	local file
	for file in iommu-notes iommu.txt iommu.json iommu.html; do
		[ -s "$1/$file" ] || fail "no $file beside the dump"
	done
	"$prefix/sbin/iommudump" -f "$1/iommu-notes" show > "$out/iommudump.txt" 2>&1 ||
		fail "iommudump: $(tail -n 1 "$out/iommudump.txt")"
	said "mode $2\$"
	grep -q "$3" "$1/iommu.json" || fail "iommu.json does not know $3"
}
