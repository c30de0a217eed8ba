/*
 * The only program of the guest. It says every second that it is alive, and does what lines on the console tell it:
 * "FILE TEXT" writes the text into the file, in a process of its own, as that may never come back.
 */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

static void obey(char *line)
{
	char *text = strchr(line, ' ');
	int fd;

	if (!text)
		return;
	*text++ = 0;
	if (fork())
		return;
	fd = open(line, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		printf("guest: cannot write to %s\n", line);
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
