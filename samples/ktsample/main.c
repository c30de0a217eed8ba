// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * ktsample: a mailbox with faults, to see what ktriage says of them.
 *
 *	insmod ktsample.ko
 *	echo postage > /proc/ktsample
 */
#include <linux/kernel.h>
#include <linux/module.h>
#include <linux/proc_fs.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "ktsample.h"

static struct mailbox box = {
	.letters = LIST_HEAD_INIT(box.letters),
	.most = 4,
};

static const struct {
	const char *name;
	void (*run)(struct mailbox *box);
} commands[] = {
	{ "postage", ktsample_postage },
	{ "clear", ktsample_clear },
	{ "recall", ktsample_recall },
	{ "overfill", ktsample_overfill },
	{ "audit", ktsample_audit },
};

static ssize_t ktsample_write(struct file *file, const char __user *from,
			      size_t length, loff_t *position)
{
	char name[16] = "";
	size_t i;

	if (length >= sizeof(name) || copy_from_user(name, from, length))
		return -EINVAL;
	for (i = 0; i < ARRAY_SIZE(commands); i++) {
		if (sysfs_streq(name, commands[i].name)) {
			commands[i].run(&box);
			return length;
		}
	}
	return -ENOENT;
}

static const struct proc_ops ktsample_ops = {
	.proc_write = ktsample_write,
};

static int __init ktsample_init(void)
{
	return proc_create("ktsample", 0600, NULL, &ktsample_ops) ? 0 : -ENOMEM;
}

static void __exit ktsample_exit(void)
{
	remove_proc_entry("ktsample", NULL);
}

module_init(ktsample_init);
module_exit(ktsample_exit);
MODULE_DESCRIPTION("A mailbox with faults");
MODULE_LICENSE("Dual MIT/GPL");
