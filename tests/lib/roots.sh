# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Roots of Debian's suites, for those who set "tests", this tree's tests, and "cache". Each
# function says what is wrong and returns a status.
# shellcheck disable=SC2154 # tests, cache

# Debian's archive, by the apt sources of this machine
archive() {
	local uri
	# shellcheck disable=SC2016 # for apt
	uri=$(apt-get indextargets --format '$(REPO_URI) $(CODENAME) $(COMPONENT)' |
		awk '$3 == "main" && $2 !~ /-/ && /debian/ { print $1; exit }')
	[ -n "$uri" ] || { echo "no Debian archive among the apt sources" >&2; return 1; }
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
	if "$@" "$work"; then
		mv -T "$work" "$dir" 2> /dev/null || rm -rf --one-file-system "$work"
	else
		rm -rf --one-file-system "$work"
		return 1
	fi
	trap - EXIT
}

# for_arch ARCH COMMAND...: COMMAND, where programs of ARCH run
for_arch() {
	local arch=$1
	shift
	if [ "$arch" = arm64 ]; then
		"$tests/lib/emulated" "$@"
	else
		"$@"
	fi
}

# new_root SUITE ARCHS PACKAGES ROOT [OPTION]...: Debian, by mmdebstrap, without what
# recommends bring; of ARCHS the first one is the root's
new_root() {
	local suite=$1 archs=$2 packages=$3 root=$4 uri
	shift 4
	uri=$(archive) || return
	for_arch "${archs%%,*}" mmdebstrap --mode=root --skip=check/qemu --skip=cleanup/apt/lists \
		--dpkgopt=force-unsafe-io --dpkgopt=force-confold --variant=minbase \
		--architectures="$archs" --include="$packages" "$@" "$suite" "$root" "$uri" < /dev/null
}

give_null() { # ROOT
	rm -f "$1/dev/null"
	mknod -m 666 "$1/dev/null" c 1 3
}

# One in which packages for it are built; for arm64 by a cross compiler.
new_build_root() { # SUITE ARCH ROOT
	local wanted archs=amd64 compiler=build-essential
	wanted=$(sed -n '/^Build-Depends:/,/^Standards/{ s/^Build-Depends://; s/^Standards.*//
		s/dh-sequence-dkms/dh-dkms/; s/debhelper-compat/debhelper/; s/[(<][^,]*//; p }' \
		"$tests/../kdump/debian/control" | tr -d ' \n')
	if [ "$2" != amd64 ]; then
		# of that architecture all but what runs here
		wanted=$(tr , '\n' <<< "$wanted" | sed "/^d/!s/\$/:$2/" | paste -s -d ,)
		archs=amd64,$2 compiler=build-essential,crossbuild-essential-$2
	fi
	new_root "$1" "$archs" "$wanted,$compiler,fakeroot,autoconf,automake,libtool" "$3"
}

# The packages of this tree for a suite and an architecture, into a new directory.
debs_for() { # SUITE ARCH DIR
	local arch=$2 dir root kept=$cache/build-$1
	[ "$arch" = amd64 ] || kept=$kept-$arch
	mkdir -p "$3"
	dir=$(realpath "$3") root=$dir/root
	in_cache "$kept" new_build_root "$1" "$arch" || return
	rm -rf --one-file-system "$root"
	cp -a --reflink=auto "$kept" "$root"
	give_null "$root"
	mkdir "$root/tree"
	SOURCE_DATE_EPOCH=0 "$tests/../kdump/mktar" tree "$root/tree.tar.gz" &&
		tar -xzmf "$root/tree.tar.gz" -C "$root/tree" --strip-components=1 &&
		chroot "$root" env LC_ALL=C DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" \
			DEB_BUILD_PROFILES=nocheck \
			/tree/kdump/mkdeb /debs -B --host-arch="$arch" &&
		mv -t "$dir" "$root"/debs/* && rm -rf --one-file-system "$root"
}
