package perdura.workflows;

/**
 * What the data check found.
 *
 * @param dataDigest identity of the data set, SHA-256
 * @param studies training studies
 * @param stepsPerEpoch full batches of an epoch
 * @param totalSteps optimiser steps of the whole plan
 */
public record PreparedRun(String dataDigest, long studies, long stepsPerEpoch, long totalSteps) {}
