// SPDX-License-Identifier: GPL-2.0
#include <linux/frob.h>

struct frob {
	int level;
};

static int frob_read(struct frob *frob)
{
	/* Nobody looked whether there is one. */
	return frob->level;
}

ssize_t frob_write(struct frob *frob)
{
	return frob_read(frob);
}
