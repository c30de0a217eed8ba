/*
 * The only program of the guest. It says every second that it is alive, and does what lines on the console tell it:
 * "CPU SECONDS FILE TEXT" writes the text into the file, so much later and on that CPU, in a process of its own, as that
 * may never come back, and no more lines come in either. It stays on CPU 0 itself.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void stay_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static void obey(char *line)
{
	char file[128], text[64];
	int cpu, fd;
	unsigned seconds;

	if (sscanf(line, "%d %u %127s %63s", &cpu, &seconds, file, text) != 4 || fork())
		return;
	stay_on(cpu);
	sleep(seconds);
	fd = open(file, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		printf("guest: cannot write to %s\n", file);
	_exit(0);
}

int main(void)
{
	struct pollfd input = { .fd = 0, .events = POLLIN };
	char line[256];
	unsigned seconds = 0;

	mkdir("/proc", 0755);
	mkdir("/sys", 0755);
	mount("proc", "/proc", "proc", 0, NULL);
	mount("sysfs", "/sys", "sysfs", 0, NULL);
	mount("debugfs", "/sys/kernel/debug", "debugfs", 0, NULL);
	signal(SIGCHLD, SIG_IGN);
	stay_on(0);
	setvbuf(stdout, NULL, _IONBF, 0);
	for (;;) {
		if (poll(&input, 1, 1000) == 1 && input.revents & POLLIN) {
			ssize_t got = read(0, line, sizeof(line) - 1);

			if (got > 0) {
				line[got] = 0;
				line[strcspn(line, "\r\n")] = 0;
				obey(line);
			}
			continue;
		}
		printf("guest: alive %u\n", ++seconds);
	}
}
