# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# For ./debian and ./dracut, which set "here", "prefix" and "out": Debian as it is installed, as
# a disk image, in a machine that crashes; and what it leaves behind.
cache=${KEXEC_IOMMU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kexec-iommu}
base=$cache/debian
packages=kdump-tools,makedumpfile,systemd-sysv,udev,kmod,initramfs-tools,linux-image-amd64,procps,file
cmdline="root=/dev/nvme0n1 rw console=ttyS0 panic=1 crashkernel=256M intel_iommu=on iommu=pt
	mitigations=off cryptomgr.notests no_timer_check systemd.default_timeout_start_sec=600"
quiet=${QUIET:-900}  # seconds of real time in which a guest says nothing, before it counts as
limit=${LIMIT:-3600} # dead; and in all. Alone it needs three minutes
PATH=$PATH:/sbin:/usr/sbin

test_name=${0##*/}
skip() { echo "SKIP $test_name: $*"; exit 0; }
fail() { echo "FAIL $test_name: $*  [${out:-}]"; exit 1; }

# Debian's archive, by the apt sources of this machine
archive() {
	local uri
	# shellcheck disable=SC2016 # for apt
	uri=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' |
		awk '$3 == "main" && $2 !~ /-/ && /debian/ { print $1; exit }')
	[ -n "$uri" ] || skip "no Debian archive among the apt sources"
	echo "$uri"
}

# in_cache DIR COMMAND...: COMMAND makes a directory, by a name that it is given, once; another
# run may be quicker
in_cache() {
	local dir=$1
	shift
	[ ! -d "$dir" ] || return 0
	work=$(mktemp -d "$dir.XXXXXX")
	trap 'rm -rf --one-file-system "$work"' EXIT
	"$@" "$work" || exit
	mv -T "$work" "$dir" 2> /dev/null || rm -rf --one-file-system "$work"
	trap - EXIT
}

# What debootstrap makes of the archive, with initrds that drive NVMe.
new_base() { # SUITE ROOT
	local root=$2 version log=$cache/debootstrap-$1.log uri
	command -v debootstrap > /dev/null || skip "debootstrap is not installed"
	uri=$(archive)
	debootstrap --variant=minbase --include="$packages" "$1" "$root" "$uri" \
		> "$log" 2>&1 || { out=$log; fail "debootstrap"; }
	echo MODULES=list > "$root/etc/initramfs-tools/conf.d/rig"
	printf 'nvme\next4\n' >> "$root/etc/initramfs-tools/modules"
	version=$(ls "$root/lib/modules")
	chroot "$root" update-initramfs -u -k "$version" >> "$log" 2>&1
	chroot "$root" /etc/kernel/postinst.d/kdump-tools "$version" >> "$log" 2>&1
	cp "$root/etc/kdump/sysctl.conf" "$root/var/lib/kdump/latest_sysctls-$version"
}

make_base() { # SUITE
	suite=$1 base=$cache/debian-$1
	[ "$1" != bookworm ] || base=$cache/debian
	in_cache "$base" new_base "$1"
}

# A root of a suite in which packages for it are built.
new_build_root() { # SUITE ROOT
	local log=$cache/build-$1.log uri wanted
	command -v mmdebstrap > /dev/null || skip "mmdebstrap is not installed"
	uri=$(archive)
	wanted=$(sed -n '/^Build-Depends:/,/^Standards/{ s/^Build-Depends://; s/^Standards.*//
		s/dh-sequence-dkms/dh-dkms/; s/debhelper-compat/debhelper/; s/[(<][^,]*//; p }' "$here/../../kdump/debian/control" | tr -d ' \n')
	mmdebstrap --variant=minbase --include="$wanted,build-essential,fakeroot,autoconf,automake,libtool" \
		"$1" "$2" "$uri" > "$log" 2>&1 || { out=$log; fail "mmdebstrap"; }
}

built_in_suite() {
	local root=$output/build-$suite
	in_cache "$cache/build-$suite" new_build_root "$suite"
	rm -rf --one-file-system "$root"
	cp -a --reflink=auto "$cache/build-$suite" "$root"
	[ -e "$root/dev/null" ] || mknod -m 666 "$root/dev/null" c 1 3
	mkdir "$root/tree"
	SOURCE_DATE_EPOCH=0 "$here/../../kdump/mktar" tree "$output/tree.tar.gz"
	tar -xzmf "$output/tree.tar.gz" -C "$root/tree" --strip-components=1
	chroot "$root" env LC_ALL=C DEB_BUILD_OPTIONS=nocheck /tree/kdump/mkdeb /debs -b &&
		mkdir -p "$debs" && mv -t "$debs" "$root"/debs/*.deb && rm -rf --one-file-system "$root"
}

# The packages of this tree for the suite, in the directory $debs: DEBS, if they are of this
# machine's suite; or built here, once.
built_debs() {
	debs=${DEBS:-$output/debs}
	# shellcheck disable=SC1091 # of the machine
	[ "$suite" = "$(. /etc/os-release && echo "$VERSION_CODENAME")" ] || debs=$output/debs-$suite
	! compgen -G "$debs/*.deb" > /dev/null || return 0
	case $debs in
	*-"$suite") built_in_suite ;;
	*) DEB_BUILD_OPTIONS=nocheck "$here/../../kdump/mkdeb" "$debs" -b ;;
	esac > "$output/mkdeb-$suite.log" 2>&1 || fail "mkdeb"
}

# apt in ROOT; what it downloads is kept for the next time.
apt_in() { # ROOT LOG ARGUMENT...
	local root=$1 log=$2 kept
	kept=$cache/debs-${base##*/}
	shift 2
	mkdir -p "$kept"
	cp -t "$root/var/cache/apt/archives" "$kept"/*.deb 2> /dev/null || true
	chroot "$root" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y \
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
	local root=$1
	built_debs
	mkdir -p "$root/tmp/debs"
	cp "$debs"/{kexec-iommu,iommudump}_*.deb "$root/tmp/debs"
	chroot "$root" sh -c 'for f in $(dpkg -L kexec-tools); do [ ! -f "$f" ] || echo "$f"; done' \
		> "$out/kexec-tools.list"
	apt_in "$root" "$out/apt.log" "/tmp/debs/$(basename "$debs"/kexec-iommu_*_amd64.deb)" \
		"/tmp/debs/$(basename "$debs"/iommudump_*_amd64.deb)"
	as_kexec_tools "$root" "$out/kexec-tools.list"
	sed -i 's/^#IOMMU=auto/IOMMU=auto/' "$root/etc/kdump-iommu.conf"
	for program in edu gap; do
		gcc -O2 -static -o "$root/usr/local/sbin/$program" "$here/$program.c" || fail "$program"
	done
}

guest_unit() {
	cat <<-'END'
		[Unit]
		After=kdump-tools.service
		[Service]
		Type=oneshot
		ExecStart=/usr/local/sbin/crash-now
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

crash() {
	local version rc=0
	version=$(ls "$base/lib/modules")
	rm -f "$out/done" "$out/events" "$out/serial.log"
	plug &
	qemu-system-x86_64 -M q35,kernel-irqchip=split -accel tcg -cpu qemu64 \
		-m 1024 -nodefaults -display none -no-reboot -serial "file:$out/serial.log" \
		-serial "file:$out/events" -monitor "unix:$out/monitor,server=on,wait=off" \
		-icount shift=2 -device intel-iommu,intremap=on \
		-drive "if=none,id=nvme,file=$out/disk.img,format=raw,cache=unsafe" \
		-device nvme,drive=nvme,serial=rig "${devices[@]}" \
		-kernel "$base/boot/vmlinuz-$version" -initrd "$base/boot/initrd.img-$version" \
		-append "${cmdline//[[:space:]]/ }" &
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
	rm -f "$1/dev/null"
	mknod -m 666 "$1/dev/null" c 1 3
}

# check_dump VMCORE: of the crash, by the messages that makedumpfile and vmcore-dmesg find
check_dump() {
	makedumpfile --dump-dmesg -f "$1" "$out/dmesg" > /dev/null 2>&1 ||
		fail "makedumpfile --dump-dmesg"
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
