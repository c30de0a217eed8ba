// SPDX-License-Identifier: MIT OR GPL-2.0
/*
 * kthang: hangs that `ktriage live` is to explain.
 *
 *	insmod kthang.ko
 *	echo spin-pair > /proc/kthang
 */
#include <linux/kernel.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/printk.h>
#include <linux/proc_fs.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "kthang.h"

static const struct {
	const char *name;
	void (*run)(void);
} scenarios[] = {
	{ "self-lock", kthang_self_lock },
	{ "spin-pair", kthang_spin_pair },
	{ "mutex-pair", kthang_mutex_pair },
	{ "mutex-asleep", kthang_mutex_asleep },
	{ "mutex-dead", kthang_mutex_dead },
	{ "semaphore-asleep", kthang_semaphore_asleep },
	{ "no-completion", kthang_no_completion },
	{ "irq-off", kthang_irq_off },
	{ "rcu-reader", kthang_rcu_reader },
	{ "silent-irq", kthang_silent_irq },
};

static ssize_t kthang_write(struct file *file, const char __user *from,
			    size_t length, loff_t *position)
{
	char name[24] = "";
	size_t i;

	if (length >= sizeof(name) || copy_from_user(name, from, length))
		return -EINVAL;
	if (sysfs_streq(name, "slow-copy"))
		return kthang_slow_copy(file);
	for (i = 0; i < ARRAY_SIZE(scenarios); i++) {
		if (sysfs_streq(name, scenarios[i].name)) {
			pr_info("kthang: %s begins\n", scenarios[i].name);
			scenarios[i].run();
			return length;
		}
	}
	return -ENOENT;
}

/* A mapping of /proc/kthang has pages that never come. */
static const struct vm_operations_struct kthang_pages = {
	.fault = kthang_slow_fault,
};

static int kthang_mmap(struct file *file, struct vm_area_struct *area)
{
	area->vm_ops = &kthang_pages;
	return 0;
}

static const struct proc_ops kthang_ops = {
	.proc_write = kthang_write,
	.proc_mmap = kthang_mmap,
	.proc_lseek = noop_llseek,
};

static int __init kthang_init(void)
{
	return proc_create("kthang", 0600, NULL, &kthang_ops) ? 0 : -ENOMEM;
}

static void __exit kthang_exit(void)
{
	remove_proc_entry("kthang", NULL);
}

module_init(kthang_init);
module_exit(kthang_exit);
MODULE_DESCRIPTION("Hangs on demand");
MODULE_LICENSE("Dual MIT/GPL");
