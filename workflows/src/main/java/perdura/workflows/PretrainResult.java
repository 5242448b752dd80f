package perdura.workflows;

/**
 * How a pre-training ended.
 *
 * @param status FINISHED or KILLED
 * @param step optimiser steps committed
 * @param stateDigest SHA-256 of the final state, or empty when nothing was committed
 */
public record PretrainResult(String runId, String status, long step, String stateDigest) {}
