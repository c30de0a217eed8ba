/*
 * The first process of a guest for tests: does what the kernel's command line asks for (guest=SCENARIO), and says when
 * it has. Static, without any library of its own: the initramfs has nothing else in it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void name(const char *text)
{
	prctl(PR_SET_NAME, text);
}

static void say(const char *text)
{
	int file = open("/dev/kmsg", O_WRONLY);

	if (file < 0)
		return;
	write(file, text, strlen(text));
	close(file);
}

/* What the kernel does for a key of the magic SysRq. */
static void sysrq(const char *key)
{
	int file = open("/proc/sysrq-trigger", O_WRONLY);

	write(file, key, 1);
	close(file);
}

/* A parent that waits for its child in state D (vfork), while that sleeps. */
static void blocked(void)
{
	if (fork() != 0)
		return;
	name("guest-blocked");
	if (vfork() == 0) {
		name("guest-child");
		for (;;)
			pause();
	}
}

/* A process that is always in user space. */
static void spin(void)
{
	if (fork() != 0)
		return;
	name("guest-spin");
	for (volatile unsigned long turns = 0;; turns++)
		;
}

int main(void)
{
	char line[4096] = "";
	const char *scenario;
	int file;

	mkdir("/proc", 0755);
	mkdir("/dev", 0755);
	mount("proc", "/proc", "proc", 0, "");
	mount("devtmpfs", "/dev", "devtmpfs", 0, "");
	file = open("/proc/cmdline", O_RDONLY);
	read(file, line, sizeof(line) - 1);
	scenario = strstr(line, "guest=");
	scenario = scenario ? scenario + 6 : "";
	if (strncmp(scenario, "blocked", 7) == 0)
		blocked();
	if (strncmp(scenario, "spin", 4) == 0)
		spin();
	sleep(1);
	say("guest: ready\n");
	if (strncmp(scenario, "crash", 5) == 0)
		sysrq("c");
	for (;;)
		pause();
}
