package perdura.training.method;

import perdura.datasets.data.DataSet;
import perdura.training.weights.InitialWeights;

/**
 * What a pre-training begins with.
 *
 * @param data that was checked to be of the method's profile and image size
 * @param initial imported weights that the spec names, checked
 * @param threads intra-op threads that the run is bound to, at least 1
 * @param feeders threads that make batches ahead, at least 1; the batches don't depend on it
 * @param prepared what was prepared for epochs
 */
public record JobInput(
        DataSet data, InitialWeights initial, int threads, int feeders, EpochPreparation.Results prepared) {}
