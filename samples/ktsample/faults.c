// SPDX-License-Identifier: MIT OR GPL-2.0
#include <linux/bug.h>
#include <linux/printk.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include "ktsample.h"

static inline void mailbox_count(struct mailbox *box)
{
	box->count++;
	WARN(box->count > box->most,
	     "ktsample: %u letters, %u allowed\n",
	     box->count, box->most);
}

static struct letter *mailbox_put(struct mailbox *box, u32 grams)
{
	struct letter *letter = kzalloc(sizeof(*letter), GFP_KERNEL);

	if (!letter)
		return NULL;
	letter->number = box->count;
	letter->grams = grams;
	list_add_tail(&letter->node, &box->letters);
	mailbox_count(box);
	return letter;
}

static inline void mailbox_take(struct mailbox *box,
				struct letter *letter)
{
	list_del(&letter->node);
	box->count--;
}

/* A NULL pointer: nobody asked whether there is a letter. */
void ktsample_postage(struct mailbox *box)
{
	u32 cents = mailbox_first_postage(box);

	pr_info("ktsample: postage is %u\n", cents);
}

/* A walk over a list that takes its entries away. */
void ktsample_clear(struct mailbox *box)
{
	struct letter *letter;

	mailbox_put(box, 20);
	mailbox_put(box, 50);
	list_for_each_entry(letter, &box->letters, node)
		mailbox_take(box, letter);
}

/* A letter that is taken out twice. */
void ktsample_recall(struct mailbox *box)
{
	struct letter *letter = mailbox_put(box, 20);

	if (!letter)
		return;
	mailbox_take(box, letter);
	mailbox_take(box, letter);
}

/* One letter too many: a warning. */
void ktsample_overfill(struct mailbox *box)
{
	while (box->count <= box->most && mailbox_put(box, 20))
		;
}

static struct mailbox *audited;

static void mailbox_check(const struct mailbox *box)
{
	const struct letter *letter;
	u32 counted = 0;

	list_for_each_entry(letter, &box->letters, node)
		counted++;
	BUG_ON(counted != box->count);
}

static void audit_work(struct work_struct *work)
{
	mailbox_check(audited);
}

static DECLARE_WORK(audit, audit_work);

/* A BUG() in a worker, away from who asked for it. */
void ktsample_audit(struct mailbox *box)
{
	box->count++;
	audited = box;
	schedule_work(&audit);
}
