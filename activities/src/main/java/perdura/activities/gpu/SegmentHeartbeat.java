package perdura.activities.gpu;

/**
 * What a heartbeat carries, for people who look at the service. A sign of life, never the record.
 *
 * @param step optimiser steps done, -1 before the first
 * @param committedStep step of the last commit of this attempt, -1 before the first
 */
public record SegmentHeartbeat(long step, long committedStep) {}
