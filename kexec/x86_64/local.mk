# SPDX-License-Identifier: GPL-2.0-only
# struct kexec_arch of arch.h, and what it points to.
kexec_arch_sources = kexec/x86_64/arch.c kexec/x86_64/boot.c \
	kexec/x86_64/bzimage.c kexec/x86_64/cmdline.c kexec/x86_64/console.c \
	kexec/x86_64/efi.c kexec/x86_64/elf.c kexec/x86_64/formats.c \
	kexec/x86_64/formats.h kexec/x86_64/host.c kexec/x86_64/identity.c \
	kexec/x86_64/pc.h
