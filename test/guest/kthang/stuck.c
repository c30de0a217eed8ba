// SPDX-License-Identifier: MIT OR GPL-2.0
/* CPUs and tasks that wait, or run, for ever. No fault is involved. */
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/irqflags.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <linux/uaccess.h>
#include "kthang.h"

/* A small bank: what is moved between accounts needs the locks of both. */
struct account {
	spinlock_t lock;
	struct mutex mutex;
	long cents;
};

static struct account checking = {
	.lock = __SPIN_LOCK_UNLOCKED(checking.lock),
	.mutex = __MUTEX_INITIALIZER(checking.mutex),
};

static struct account savings = {
	.lock = __SPIN_LOCK_UNLOCKED(savings.lock),
	.mutex = __MUTEX_INITIALIZER(savings.mutex),
};

static DECLARE_RWSEM(ledger);
static DECLARE_COMPLETION(closing_time);

/* Runs on that CPU, once all that are to run have been started. */
static void start(unsigned int cpu, int (*run)(void *), const char *name)
{
	struct task_struct *task = kthread_create(run, NULL, "%s", name);

	if (IS_ERR(task))
		return;
	kthread_bind(task, cpu);
	wake_up_process(task);
}

/* One lock, taken twice on one CPU. */
static noinline void account_add(struct account *account, long cents)
{
	unsigned long flags;

	spin_lock_irqsave(&account->lock, flags);
	account->cents += cents;
	spin_unlock_irqrestore(&account->lock, flags);
}

static int add_interest(void *unused)
{
	unsigned long flags;

	spin_lock_irqsave(&savings.lock, flags);
	account_add(&savings, savings.cents / 100);
	spin_unlock_irqrestore(&savings.lock, flags);
	return 0;
}

void kthang_self_lock(void)
{
	start(1, add_interest, "kthang-interest");
}

/* Two spinlocks, two CPUs, opposite order, interrupts off. */
static atomic_t locked;

static void move_cents(struct account *from, struct account *to)
{
	unsigned long flags;

	msleep(100);
	spin_lock_irqsave(&from->lock, flags);
	atomic_inc(&locked);
	while (atomic_read(&locked) < 2)
		cpu_relax();
	spin_lock(&to->lock);
	to->cents += from->cents;
	spin_unlock(&to->lock);
	spin_unlock_irqrestore(&from->lock, flags);
}

static int spin_deposit(void *unused)
{
	move_cents(&checking, &savings);
	return 0;
}

static int spin_withdraw(void *unused)
{
	move_cents(&savings, &checking);
	return 0;
}

void kthang_spin_pair(void)
{
	start(0, spin_deposit, "kthang-deposit");
	start(1, spin_withdraw, "kthang-withdraw");
}

/* Two mutexes, two tasks, opposite order. */
static int mutex_deposit(void *unused)
{
	mutex_lock(&checking.mutex);
	msleep(300);
	mutex_lock(&savings.mutex);
	mutex_unlock(&savings.mutex);
	mutex_unlock(&checking.mutex);
	return 0;
}

static int mutex_withdraw(void *unused)
{
	mutex_lock(&savings.mutex);
	msleep(300);
	mutex_lock(&checking.mutex);
	mutex_unlock(&checking.mutex);
	mutex_unlock(&savings.mutex);
	return 0;
}

void kthang_mutex_pair(void)
{
	start(0, mutex_deposit, "kthang-deposit");
	start(1, mutex_withdraw, "kthang-withdraw");
}

/* Somebody waits for a mutex; its owner sleeps, or ended and kept it. */
static int wait_for_checking(void *unused)
{
	msleep(300);
	mutex_lock(&checking.mutex);
	mutex_unlock(&checking.mutex);
	return 0;
}

static int hold_checking(void *unused)
{
	mutex_lock(&checking.mutex);
	wait_for_completion_interruptible(&closing_time);
	mutex_unlock(&checking.mutex);
	return 0;
}

void kthang_mutex_asleep(void)
{
	start(1, hold_checking, "kthang-holder");
	start(0, wait_for_checking, "kthang-waiter");
}

static int keep_checking(void *unused)
{
	mutex_lock(&checking.mutex);
	return 0;
}

void kthang_mutex_dead(void)
{
	start(1, keep_checking, "kthang-gone");
	start(0, wait_for_checking, "kthang-waiter");
}

/* A reader waits for a writer that sleeps. */
static int write_ledger(void *unused)
{
	down_write(&ledger);
	wait_for_completion_interruptible(&closing_time);
	up_write(&ledger);
	return 0;
}

static int read_ledger(void *unused)
{
	msleep(300);
	down_read(&ledger);
	up_read(&ledger);
	return 0;
}

void kthang_semaphore_asleep(void)
{
	start(1, write_ledger, "kthang-writer");
	start(0, read_ledger, "kthang-reader");
}

/* What is waited for never comes. */
static int wait_for_closing(void *unused)
{
	wait_for_completion(&closing_time);
	return 0;
}

void kthang_no_completion(void)
{
	start(1, wait_for_closing, "kthang-closing");
}

/* A loop that nothing can interrupt. */
static int count_with_irqs_off(void *unused)
{
	local_irq_disable();
	for (;;)
		WRITE_ONCE(checking.cents, checking.cents + 1);
	return 0;
}

void kthang_irq_off(void)
{
	start(1, count_with_irqs_off, "kthang-counter");
}

/* A reader that never leaves. */
static int count_as_reader(void *unused)
{
	rcu_read_lock();
	for (;;)
		WRITE_ONCE(checking.cents, checking.cents + 1);
	rcu_read_unlock();
	return 0;
}

void kthang_rcu_reader(void)
{
	start(1, count_as_reader, "kthang-counter");
}

/* Page faults that nothing is wrong with: the page is on its way. */
vm_fault_t kthang_slow_fault(struct vm_fault *fault)
{
	wait_for_completion(&closing_time);
	return VM_FAULT_SIGBUS;
}

ssize_t kthang_slow_copy(struct file *file)
{
	unsigned long page = vm_mmap(file, 0, PAGE_SIZE, PROT_READ, MAP_SHARED, 0);
	u32 value;

	if (IS_ERR_VALUE(page))
		return page;
	pr_info("kthang: slow-copy begins\n");
	return copy_from_user(&value, (void __user *)page, sizeof(value)) ? -EFAULT : 0;
}
