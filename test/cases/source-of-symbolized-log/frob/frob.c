struct frob_ring {
	unsigned int head;
	unsigned int tail;
};

static int frob_read(struct frob_ring *ring)
{
	unsigned int level;

	level = ring->head - ring->tail;
	return level > 4;
}

int frob_write(struct frob_ring *ring)
{
	if (frob_read(ring))
		return -1;
	return 0;
}
