# SPDX-License-Identifier: GPL-2.0-only
# struct kexec_arch of arch.h, and what it points to.
kexec_arch_sources = kexec/arm64/arch.c kexec/arm64/boot.c \
	kexec/arm64/cmdline.c kexec/arm64/console.c kexec/arm64/formats.c \
	kexec/arm64/host.c kexec/arm64/identity.c kexec/arm64/image.c \
	kexec/arm64/layout.c kexec/arm64/arm64.h kexec/arm64/formats.h
