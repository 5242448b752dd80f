package perdura.workflows;

/**
 * The work of one training activity: from the run's last commit up to a step.
 *
 * @param untilStep the segment ends when this many optimiser steps are done and committed
 */
public record SegmentInput(String runId, long untilStep) {}
