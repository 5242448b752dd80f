package perdura.activities.cpu;

/**
 * What a data set means for a run.
 *
 * @param dataDigest identity of the data set, SHA-256
 * @param studies training studies
 * @param stepsPerEpoch full batches of an epoch
 * @param totalSteps optimiser steps of the whole plan
 */
public record DataPlan(String dataDigest, long studies, long stepsPerEpoch, long totalSteps) {}
