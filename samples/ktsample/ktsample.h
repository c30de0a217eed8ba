/* SPDX-License-Identifier: MIT OR GPL-2.0 */
#ifndef KTSAMPLE_H
#define KTSAMPLE_H

#include <linux/list.h>
#include <linux/types.h>

struct letter {
	struct list_head node;
	u32 number;
	u32 grams;
};

struct mailbox {
	struct list_head letters;
	u32 count;
	u32 most;
};

/* NULL if the box is empty. */
static inline struct letter *mailbox_first(struct mailbox *box)
{
	return list_first_entry_or_null(&box->letters, struct letter, node);
}

/* In cents. */
static inline u32 letter_postage(const struct letter *letter)
{
	return letter->grams > 20 ? 160 : 95;
}

/* Forgets that a box may be empty. */
static inline u32 mailbox_first_postage(struct mailbox *box)
{
	return letter_postage(mailbox_first(box));
}

/* Each breaks the kernel in its own way. */
void ktsample_postage(struct mailbox *box);
void ktsample_clear(struct mailbox *box);
void ktsample_recall(struct mailbox *box);
void ktsample_overfill(struct mailbox *box);
void ktsample_audit(struct mailbox *box);

#endif
