// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * A page fault that is never reported: a timer's handler, in a hard interrupt, faults with the lock of a console held,
 * and the first line of the report goes to that console. Boot with console=kthang0 last, so that it is the first one.
 */
#include <linux/console.h>
#include <linux/hrtimer.h>
#include <linux/minmax.h>
#include <linux/percpu.h>
#include <linux/smp.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/version.h>
#include "kthang.h"

/* What a ticket printer has on its paper. */
struct paper {
	u32 printed;
	u32 cut;
	u64 serial;
	u32 millimetres;	/* offset 16 */
};

struct printer {
	raw_spinlock_t lock;
	struct paper *paper;
	u32 polls;
	u32 left;
	char line[80];
};

static struct paper roll = { .millimetres = 300 };

static struct printer printer = {
	.lock = __RAW_SPIN_LOCK_UNLOCKED(printer.lock),
	.paper = &roll,
};

static inline u32 paper_left(const struct paper *paper)
{
	return paper->millimetres - READ_ONCE(paper->printed);
}

static enum hrtimer_restart printer_poll(struct hrtimer *timer)
{
	raw_spin_lock(&printer.lock);
	if (++printer.polls == 300)
		WRITE_ONCE(printer.paper, NULL);
	printer.left = paper_left(READ_ONCE(printer.paper));
	raw_spin_unlock(&printer.lock);
	hrtimer_forward_now(timer, ms_to_ktime(2));
	return HRTIMER_RESTART;
}

/* Forgets that an oops may come from where the lock is held. */
static void printer_write(struct console *console, const char *text,
			  unsigned int length)
{
	struct printer *to = console->data;
	unsigned long flags;

	raw_spin_lock_irqsave(&to->lock, flags);
	memcpy(to->line, text, min_t(size_t, length, sizeof(to->line)));
	raw_spin_unlock_irqrestore(&to->lock, flags);
}

static struct console printer_console = {
	.name = "kthang",
	.write = printer_write,
	.flags = CON_PRINTBUFFER,
	.index = -1,
	.data = &printer,
};

static struct hrtimer poll_timer;

static void printer_start(void *unused)
{
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 13, 0)
	hrtimer_setup(&poll_timer, printer_poll, CLOCK_MONOTONIC,
		      HRTIMER_MODE_REL_PINNED_HARD);
#else
	hrtimer_init(&poll_timer, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	poll_timer.function = printer_poll;
#endif
	hrtimer_start(&poll_timer, ms_to_ktime(2), HRTIMER_MODE_REL_PINNED_HARD);
}

void kthang_silent_irq(void)
{
	register_console(&printer_console);
	smp_call_function_single(1, printer_start, NULL, 1);
}
