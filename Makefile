# SPDX-License-Identifier: GPL-2.0-only
#
# Entry for humans; "make help" lists the targets. The module's objects are listed in Kbuild, user
# space is built by userlib/Makefile and selftests/*/Makefile with two variables: OUT (absolute
# directory of the products) and CROSS_COMPILE (prefix of the compiler, empty for this machine).

KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
DESTDIR ?=
BUILD := $(CURDIR)/build

# Kbuild takes these from the command line or the environment only when they are set.
KBUILD_ARGS := $(if $(ARCH),ARCH=$(ARCH)) $(if $(CROSS_COMPILE),CROSS_COMPILE=$(CROSS_COMPILE))
USER_ARGS := CROSS_COMPILE=$(CROSS_COMPILE)
USER_OUT := $(BUILD)/user

.DEFAULT_GOAL := help

help:
	@echo 'memrig: a test rig for memory'
	@echo
	@echo '  make demo        see it: everything happens inside a virtual machine'
	@echo '  make sample      demand paging, like the sample of Zephyr: counts printed and checked'
	@echo '  make test        every test on every supported kernel (installs what it needs)'
	@echo
	@echo '  make module      memrig.ko for the running kernel'
	@echo '                   (KDIR=, ARCH=, CROSS_COMPILE= for another one)'
	@echo '  make lib         libmemrig, shared and static, into build/user'
	@echo '  make cli         the memrig command, into build/user'
	@echo '  make install     module, library, command, headers, udev rule, man pages'
	@echo '                   (PREFIX=$(PREFIX), DESTDIR=); "make uninstall" takes them away'
	@echo
	@echo '  make check       tests on this machine: engine (sanitizers, model, bounded fuzzing),'
	@echo '                   many threads, recording and replaying programs'
	@echo '  make bench       the numbers: instruction counts, memory use, against other heaps'
	@echo '  make torture     windows for five minutes on the kernel that checks everything'
	@echo '                   (SEED=, SECONDS=, KERNEL=debug)'
	@echo '  make lint        style and static checks'
	@echo '  make docs        the manual as HTML, into build/docs'
	@echo '  make vm-shell    a shell in a virtual machine with the module loaded'
	@echo '                   (KERNEL=6.12; also 6.1, 7.2, arm64, debug)'
	@echo '  make deps        install what building and testing need (Debian 12, root)'
	@echo '  make clean       remove everything that was built'

deps:
	@selftests/vm/deps.sh

module:
	@packaging/check-kdir.sh '$(KDIR)' '$(ARCH)'
	$(MAKE) -C $(KDIR) M=$(CURDIR) $(KBUILD_ARGS) modules

lib cli:
	$(MAKE) -C userlib OUT=$(USER_OUT) $(USER_ARGS) $@

check:
	$(MAKE) -C selftests/engine OUT=$(BUILD)/selftests/engine check
	$(MAKE) -C selftests/evict OUT=$(BUILD)/selftests/evict check
	$(MAKE) -C selftests/sync OUT=$(BUILD)/selftests/sync check
	$(MAKE) -C selftests/userlib OUT=$(BUILD)/selftests/userlib check
	$(MAKE) -C selftests/replay OUT=$(BUILD)/selftests/replay check

bench:
	$(MAKE) -C selftests/bench OUT=$(BUILD)/bench bench

test: ensure-deps
	@selftests/run.sh

torture: ensure-deps
	@KERNEL=$(or $(KERNEL),debug) selftests/torture.sh $(or $(SEED),$$(date +%s)) $(or $(SECONDS),300)

lint: ensure-deps
	@selftests/lint/run.sh

demo: ensure-deps
	@selftests/demo.sh

sample: ensure-deps
	@selftests/sample.sh $(KERNEL)

vm-shell: ensure-deps
	@selftests/vm/shell.sh $(or $(KERNEL),6.12)

docs:
	sphinx-build -W -q -b html -d $(BUILD)/doctrees Documentation $(BUILD)/docs
	@echo 'build/docs/index.html'

install uninstall:
	@packaging/$@.sh '$(KDIR)' '$(PREFIX)' '$(DESTDIR)'

clean:
	@[ ! -d $(KDIR) ] || $(MAKE) -s -C $(KDIR) M=$(CURDIR) $(KBUILD_ARGS) clean
	rm -rf $(BUILD)

ensure-deps:
	@selftests/vm/deps.sh --ensure

.PHONY: help deps module lib cli check bench test torture lint demo sample vm-shell docs install uninstall clean \
	ensure-deps
