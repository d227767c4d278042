#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR MIT
#
# The memrig command on the real device. TAP; runs in a guest with busybox and memrig in PATH, as
# root, with no region of these names.

# shellcheck source=selftests/vm/guest/tap.sh
. /lib/tap.sh
trap 'memrig region rm cli-a cli-b cli-c 2>/dev/null; rm -f $out $out.*' EXIT

echo 1..80
check 'caps' 0 'interface version *1' memrig caps
check_json 'caps --json' memrig caps --json
check 'version names the module' 0 'interface, module *1' memrig version
check 'region create, coherent' 0 '' memrig region create cli-a --kind coherent -s 64K
check 'region create, write-combining or said why not' 0 '' \
	memrig region create cli-b --attr wc --size 1M --mode 0640
check 'a name is taken once' 1 'EEXIST.*try' memrig region create cli-a -s 64K
check 'a bad name is explained' 1 'EINVAL.*names match' memrig region create Bad -s 64K
check 'a length beyond the machine is explained' 1 'ENOMEM.*try' \
	memrig region create cli-c -s 100T
check 'what cannot be given is refused' 1 'EOPNOTSUPP.*memrig caps' \
	memrig region create cli-c --attr device
check 'region list has both' 0 'cli-a' memrig region list
check 'region list shows the mode' 0 'cli-b.* 0640' memrig region list
check_json 'region create --json' memrig region create cli-c -s 64K --json
check 'region rm' 0 '' memrig region rm cli-c
check_json 'region list --json' memrig region list --json
check 'region show tells the page table' 0 'user page table' memrig region show cli-b
check 'region show tells the address to root' 0 'physical address *0x' memrig region show cli-b
check_json 'region show --json' memrig region show cli-b --json
check 'region show of none' 1 'ENOENT.*region list' memrig region show nosuch

# shellcheck disable=SC2016  # the variable is the inner shell's
check 'a command inherits the region' 0 'fd=[0-9]' \
	memrig region create -s 64K -- sh -c 'echo fd=$MEMRIG_REGION_FD; ls -l /proc/self/fd | grep -q memrig'
check 'the status is the command'"'"'s' 7 '' memrig region create -s 64K -- sh -c 'exit 7'
check 'a command that is not there' 127 'cannot run' memrig region create -s 64K -- /nosuch
check 'heap map of the inherited heap' 0 'live blocks' \
	memrig heap create cli-b --fill 50 -- memrig heap map --ascii
check_json 'heap map --json' memrig heap create cli-b --fill 50 -- memrig heap map --json
check 'heap stat of the inherited heap' 0 'live blocks *[1-9]' \
	memrig heap create cli-b --fill 50 --stats -- memrig heap stat
check_json 'heap stat --json' memrig heap create cli-b -- memrig heap stat --json
check 'heap blocks' 0 'OFFSET' memrig heap create cli-b --fill 20 -- memrig heap blocks
check 'heap validate' 0 'sound *yes' memrig heap create cli-b --fill 50 -- memrig heap validate
check 'headers inside a mappable region are refused' 1 'EPERM.*kernel-only' \
	memrig heap create cli-b --placement inband
check 'headers inside a kernel-only region' 0 'placement *inband' \
	memrig heap create --kernel-only --placement inband -- memrig heap stat

check 'attr names knows the fixed ones' 0 '^ *6 *powered *--attrs' memrig attr names
check 'attr name' 0 '' memrig attr name 41 cli-fast
check 'attr name twice' 1 'EEXIST.*attr names' memrig attr name 42 cli-fast
check 'attr name of what is not custom' 1 'EINVAL.*32 to 63' memrig attr name 3 mine
check 'attr name that is a number' 1 'EINVAL.*no numbers' memrig attr name 43 7
check_json 'attr names --json' memrig attr names --json
check 'region create --attrs' 0 '' \
	memrig region create cli-c -s 64K --attrs external,powered,cli-fast,63 --cpus 0
check 'region show has its attributes' 0 'attributes *cacheable external powered cli-fast 63' \
	memrig region show cli-c
check 'region show has its CPUs' 0 'near CPUs *0$' memrig region show cli-c
check 'an attribute that is none' 1 'cli-slow.*ENOENT.*attr names' \
	memrig region create cli-d -s 64K --attrs cli-slow
check 'an attribute that follows from --attr' 1 'EINVAL.*follow from --attr' \
	memrig region create cli-d -s 64K --attrs cacheable
check 'coherent memory is not powered' 1 'regions of pages' \
	memrig region create cli-d -s 64K --kind coherent --attrs powered
check 'CPUs that are not there' 1 'EINVAL.*CPUs exist' \
	memrig region create cli-d -s 64K --cpus 63
check 'region suspend' 0 '' memrig region suspend cli-c
check 'it shows' 0 'power *off' memrig region show cli-c
check 'region list has it' 0 'cli-c.* off' memrig region list
check_json 'region show --json of a suspended one' memrig region show cli-c --json
check 'region suspend twice' 1 'suspended already.*EALREADY' \
	memrig region suspend cli-c
check 'a heap over it' 0 'live blocks *[1-9]' \
	memrig heap create cli-c --fill 30 -- memrig heap stat
check 'region resume' 0 '' memrig region resume cli-c
check 'region resume twice' 1 'not suspended.*EALREADY' memrig region resume cli-c
check 'region suspend --lose' 0 '' memrig region suspend --lose cli-c
check 'several, one of them none' 1 'ENOENT' memrig region resume nosuch cli-c
check 'the other was resumed' 0 'power *on' memrig region show cli-c
check 'one that is not powered' 1 'EOPNOTSUPP.*--attrs powered' memrig region suspend cli-b
check 'attr clear' 0 '' memrig attr clear cli-fast
check 'attr clear twice' 1 'ENOENT.*attr names' memrig attr clear cli-fast
check 'the region keeps the bit' 0 'attributes *cacheable external powered 41 63' \
	memrig region show cli-c
check 'cli-c goes' 0 '' memrig region rm cli-c

check 'options of a region that is there are refused' 2 'to be made' \
	memrig heap create cli-b --attr uncached -- true
check 'an offset beyond the region shows both' 1 '2097152 .*1048576' \
	memrig heap create cli-b --offset 2M -- true
check 'an impossible name is explained' 1 'EINVAL.*names match' memrig region show A/b

memrig heap create cli-b --fill 30 >$out.held 2>&1 &
holder=$!
tries=0
while ! grep -q held $out.held && [ $tries -lt 50 ]; do
	tries=$((tries + 1))
	usleep 100000
done
check 'heap list has its length' 0 "^$holder .* 1 MiB *sys_heap *oob" memrig heap list
check 'heap list finds the heap of another process' 0 "^$holder " memrig heap list
check_json 'heap list --json' memrig heap list --json
check 'heap stat of another process' 0 'allocations *[1-9]' memrig heap stat $holder
check 'the region says that it has a heap' 0 'heaps *1' memrig region show cli-b
check 'two heaps cannot share a range' 1 'EBUSY.*try' memrig heap create cli-b -- true
kill $holder
wait $holder
check 'a held heap goes with its holder' 0 'no heaps' memrig heap list

check 'a program runs on uncached memory' 0 '^CONFIG_' \
	memrig run --attr uncached --size 4M -- memrig config
check 'and it is told what it used' 0 'blocks live, of 4 MiB' \
	memrig run --attr uncached --size 4M --stats -- memrig config
check 'run --json' 0 '"peak_bytes": *[1-9]' \
	memrig run --attr wc --size 4M --json -- memrig config
check 'with headers between the blocks' 0 'blocks live, of 4 MiB' \
	memrig run --attr uncached --size 4M --placement inband --stats -- memrig config
check 'programs that it starts have regions, too' 0 '^CONFIG_' memrig run --attr uncached \
	--size 4M --children -- memrig region create -s 64K -- memrig config
check 'a program that is not there' 127 'cannot run' memrig run --size 1M -- /nosuch
check 'a program that nothing can be preloaded into' 1 'statically linked' \
	memrig run --size 1M -- busybox true
check 'memory that cannot be had for it' 1 'EOPNOTSUPP.*memrig caps' \
	memrig run --attr device -- memrig config
check 'a heap that is too small for it' 0 'try: a larger --size' \
	sh -c 'memrig run --size 8K -- memrig config; true'
check 'config has values of the module' 0 'keep_quota *[1-9]' memrig config
check 'probe proves every attribute' 0 'pages *cached *WB *WB' memrig probe -s 64K -t 2
check 'regions go' 0 '' memrig region rm cli-a cli-b
exit "$failed"
