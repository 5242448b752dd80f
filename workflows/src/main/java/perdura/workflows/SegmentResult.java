package perdura.workflows;

/**
 * How a segment ended. Everything it did is committed.
 *
 * @param step optimiser steps committed
 * @param stateDigest SHA-256 of the state at that step
 * @param slotQueue task queue of the slot that holds the model in memory
 * @param cancelled true if the segment ended early because it was asked to
 */
public record SegmentResult(String runId, long step, String stateDigest, String slotQueue, boolean cancelled) {}
