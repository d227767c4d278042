// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Torture: for so many seconds, processes that come and go, or are killed, do to a few windows
 * whatever can be done to them. In the end every page has to be what it was last written.
 *
 *   window_torture [SEED [SECONDS]]
 *
 * Everybody who works on a page has its lock, which survives the death of its holder. Who is killed
 * or gets SIGBUS while he writes leaves words of the version that was and of the one that is to be,
 * and no others. The seed decides what each process does, not the order in which they run.
 */
#include <pthread.h>
#include <setjmp.h>
#include <sys/resource.h>

#include "kselftest.h"
#include "torture.h"

#define CHILDREN 5
#define SECONDS	 10
#define SEED	 20260101ULL

static struct torture *world;
static sigjmp_buf on_sigbus;

static void sigbus(int sig)
{
	siglongjmp(on_sigbus, 1);
}

/* False: the page could not be had. */
#define TOUCHING (!sigsetjmp(on_sigbus, 1))

static bool page_lock(struct torture_page *page)
{
	int err = pthread_mutex_lock(&page->lock);

	if (err == EOWNERDEAD)
		err = pthread_mutex_consistent(&page->lock);
	return !err;
}

static uint64_t word_of(uint64_t number, uint64_t version, uint64_t i)
{
	return version ? (number << 40) ^ (version << 16) ^ i ^ 0x9e3779b97f4a7c15ULL : 0;
}

static bool word_is_right(const struct torture_page *page, uint64_t word, uint64_t i)
{
	return word == word_of(page->number, page->version, i) ||
	       (page->next && word == word_of(page->number, page->next, i)) ||
	       (page->forgotten && !word);
}

static bool page_is_right(const struct torture_page *page, const char *at)
{
	const uint64_t *word = (const uint64_t *)at;
	uint64_t words = page_size() / sizeof(*word);

	for (uint64_t i = 0; i < words; i++)
		if (!word_is_right(page, word[i], i))
			return false;
	return true;
}

static void page_write(const struct torture_page *page, char *at, uint64_t version)
{
	volatile uint64_t *word = (volatile uint64_t *)at;
	uint64_t words = page_size() / sizeof(*word);

	for (uint64_t i = 0; i < words; i++)
		word[i] = word_of(page->number, version, i);
}

static void page_rewrite(struct torture_page *page, char *at)
{
	uint64_t version = (page->next ? page->next : page->version) + 1;

	/* What was begun by somebody else is not known to be all there. */
	if (page->next) {
		page->version = page->next;
		page_write(page, at, page->version);
	}
	page->next = version;
	page_write(page, at, version);
	page->version = version;
	page->next = 0;
}

static void work_on(struct torture_page *page, char *at, bool write)
{
	if (!page_lock(page))
		return;
	if (TOUCHING) {
		if (!page_is_right(page, at))
			atomic_fetch_add(&world->wrong, 1);
		if (write)
			page_rewrite(page, at);
		atomic_fetch_add(&world->touches, 1);
	} else {
		atomic_fetch_add(&world->sigbus, 1);
	}
	pthread_mutex_unlock(&page->lock);
}

/* ---- what a process does ------------------------------------------------------------- */

static void touch_some(struct victim *v, struct mapping *m)
{
	uint64_t r = torture_next(&v->seed), i;

	for (i = 0; i < 4; i++) {
		uint64_t n = r & 1 ? (r >> 8) % m->count : (r >> 8) % (m->count / 8 + 1);

		work_on(&v->window->pages[m->first + n], m->at + n * page_size(), r & 4);
		r = torture_next(&v->seed);
	}
}

/* The kernel reads a page on the caller's behalf, or keeps it in a pipe for a while. */
static void through_a_pipe(struct victim *v, struct mapping *m)
{
	uint64_t n = torture_next(&v->seed) % m->count;
	struct torture_page *page = &v->window->pages[m->first + n];
	struct iovec vec = { m->at + n * page_size(), page_size() };
	static char copy[65536];
	int pipes[2];
	ssize_t got;

	if (pipe(pipes))
		return;
	if (page_lock(page)) {
		got = n & 1 ? vmsplice(pipes[1], &vec, 1, SPLICE_F_NONBLOCK)
			    : write(pipes[1], vec.iov_base, vec.iov_len);
		torture_note(v, DO_PIPE, got == page_size() ? 0 : got < 0 ? -errno : -EPROTO);
		if (got == page_size() &&
		    (read(pipes[0], copy, got) != got || !page_is_right(page, copy)))
			atomic_fetch_add(&world->wrong, 1);
		pthread_mutex_unlock(&page->lock);
	}
	close(pipes[0]);
	close(pipes[1]);
}

static void grandchild(struct victim *v, struct mapping *m)
{
	pid_t pid = fork();
	int status;

	if (!pid) {
		v->seed = ~v->seed;
		for (int i = 0; i < 4; i++)
			touch_some(v, m);
		_exit(0);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid)
		torture_note(v, DO_FORK, status ? -EPROTO : 0);
}

static void step(struct victim *v)
{
	struct mapping *m = torture_mapping(v);

	switch (torture_next(&v->seed) % 24) {
	case 0:
		torture_remap(v, m);
		break;
	case 1:
		torture_unmap(v, m);
		break;
	case 2:
		grandchild(v, m);
		break;
	case 3:
		through_a_pipe(v, m);
		break;
	case 4 ... 11:
		torture_call(v);
		break;
	default:
		touch_some(v, m);
	}
}

static void child(uint64_t number)
{
	struct victim v = { .world = world,
			    .seed = world->seed + 0x9e3779b97f4a7c15ULL * (number + 1) };
	uint64_t steps;

	signal(SIGBUS, sigbus);
	for (int i = 0; i < 4; i++)
		torture_next(&v.seed);
	v.window = &world->windows[number % WINDOWS];
	v.fd = window_attach(v.window->fd);
	if (v.fd < 0)
		_exit(1);
	steps = 20 + torture_next(&v.seed) % 200;
	for (uint64_t i = 0; i < steps && !atomic_load(&world->over); i++)
		step(&v);
	/* Some leave without a word. A mapping may have to be made of the file first. */
	if (steps & 2)
		munmap(torture_mapping(&v)->at, page_size());
	if (steps & 1)
		close(v.fd);
	_exit(0);
}

/* ---- who looks after them ------------------------------------------------------------ */

static pid_t spawn(uint64_t number)
{
	pid_t pid = fork();

	if (!pid)
		child(number);
	return pid;
}

/* It went by itself, or was killed from here. */
static bool ended_well(int status, uint64_t *killed)
{
	bool shot = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;

	*killed += shot;
	if (shot || (WIFEXITED(status) && !WEXITSTATUS(status)))
		return true;
	ksft_print_msg("a process ended with status 0x%x\n", status);
	return false;
}

/* Is there a window with less faults than pages, or something that was never done? */
static bool idle(void)
{
	if (torture_undone(world))
		return true;
	for (int i = 0; i < WINDOWS; i++)
		if (window_stat(world->windows[i].fd).faults <= PAGES)
			return true;
	return false;
}

/* Return: processes that did not end as they should have. */
static int run(int seconds)
{
	uint64_t until = now_ns() + seconds * 1000 * MSEC, seed = world->seed, number = 0,
		 killed = 0;
	pid_t pids[CHILDREN], gone;
	int bad = 0, status;

	for (int i = 0; i < CHILDREN; i++)
		pids[i] = spawn(number++);
	/* On a slow machine, until there was something to do. */
	while (now_ns() < until || (idle() && now_ns() < until + 20 * seconds * 1000 * MSEC)) {
		int i = (int)(torture_next(&seed) % CHILDREN);

		sleep_ms(1 + torture_next(&seed) % 20);
		if (!(torture_next(&seed) % 32))
			kill(pids[i], SIGKILL);
		gone = waitpid(pids[i], &status, WNOHANG);
		if (gone != pids[i])
			continue;
		bad += !ended_well(status, &killed);
		pids[i] = spawn(number++);
	}
	atomic_store(&world->over, true);
	for (int i = 0; i < CHILDREN; i++) {
		waitpid(pids[i], &status, 0);
		bad += !ended_well(status, &killed);
	}
	ksft_print_msg("%llu processes, %llu of them killed, %lu touches, %lu SIGBUS\n",
		       (unsigned long long)number, (unsigned long long)killed,
		       atomic_load(&world->touches), atomic_load(&world->sigbus));
	return bad;
}

/* Pages that are not as they should be, when nobody disturbs any more. */
static int wrong_pages(struct torture_window *window)
{
	struct memrig_window_inject none = { 0 };
	char *map = window_map(window->fd, PAGES);
	int wrong = 0;

	window_inject(window->fd, none);
	signal(SIGBUS, sigbus);
	for (int i = 0; i < PAGES; i++) {
		if (!TOUCHING || !page_is_right(&window->pages[i], map + i * page_size()))
			wrong++;
	}
	munmap(map, PAGES * page_size());
	return wrong;
}

/* Files of those who were killed are closed some time later. */
static bool settled(struct torture_window *window)
{
	struct memrig_window_stat stat;

	for (int i = 0; i < 200; i++) {
		stat = window_stat(window->fd);
		if (stat.clients == 1 && !stat.moving && !stat.pinned &&
		    stat.free_frames + stat.resident == FRAMES)
			return true;
		sleep_ms(50);
	}
	ksft_print_msg("%s: clients %u moving %llu pinned %llu free %llu resident %llu\n",
		       window->name, stat.clients, stat.moving, stat.pinned, stat.free_frames,
		       stat.resident);
	return false;
}

/* Everybody is gone. */
static void look_at(struct torture_window *window)
{
	ksft_test_result(settled(window), "%s: nothing is pinned or on its way\n", window->name);
	ksft_test_result(!wrong_pages(window), "%s: every page is what was written\n",
			 window->name);
	ksft_test_result(window_stat(window->fd).faults > PAGES, "%s: there was something to do\n",
			 window->name);
}

int main(int argc, char **argv)
{
	uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 0) : SEED;
	int seconds = argc > 2 ? atoi(argv[2]) : SECONDS;
	const char *undone;

	ksft_print_header();
	ksft_set_plan(6 + 3 * WINDOWS);
	ksft_print_msg("seed %llu, %d seconds\n", (unsigned long long)seed, seconds);
	world = torture_begin(seed);
	if (!world)
		ksft_exit_fail_msg("no windows\n");
	ksft_test_result(!run(seconds), "processes end as they should\n");
	torture_print(world);
	undone = torture_undone(world);
	ksft_test_result(!undone, "everything was done at least once%s%s\n",
			 undone ? ", not: " : "", undone ? undone : "");
	ksft_test_result(!atomic_load(&world->unheard), "errors are those that may be\n");
	ksft_test_result(!atomic_load(&world->wrong), "every touch finds what was written\n");
	for (int i = 0; i < WINDOWS; i++)
		look_at(&world->windows[i]);
	ksft_test_result(torture_close(world), "windows give back what they had\n");
	ksft_test_result(!torture_file_wrong(world, page_is_right),
			 "the file has every page when its window is gone\n");
	torture_end(world);
	ksft_finished();
}
