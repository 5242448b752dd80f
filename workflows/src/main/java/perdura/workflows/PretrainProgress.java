package perdura.workflows;

/**
 * What the workflow itself knows. Live figures are in the store.
 *
 * @param phase AWAITING_DAG, PREPARING, TRAINING, PAUSED, STOPPING or DONE
 * @param step optimiser steps at the end of the last segment
 * @param totalSteps optimiser steps of the whole plan, 0 while unknown
 */
public record PretrainProgress(String phase, long step, long totalSteps) {}
