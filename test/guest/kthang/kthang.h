/* SPDX-License-Identifier: MIT OR GPL-2.0 */
#ifndef KTHANG_H
#define KTHANG_H

#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/types.h>

/* Each hangs the kernel, or a part of it, in its own way. */
void kthang_self_lock(void);
void kthang_spin_pair(void);
void kthang_mutex_pair(void);
void kthang_mutex_asleep(void);
void kthang_mutex_dead(void);
void kthang_semaphore_asleep(void);
void kthang_no_completion(void);
void kthang_irq_off(void);
void kthang_rcu_reader(void);
void kthang_silent_irq(void);

/* A read of user memory that has to wait for its page. */
ssize_t kthang_slow_copy(struct file *file);
vm_fault_t kthang_slow_fault(struct vm_fault *fault);

#endif
