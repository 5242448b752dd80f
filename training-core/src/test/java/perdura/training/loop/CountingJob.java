package perdura.training.loop;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import perdura.datasets.seeds.Seeds;
import perdura.grids.spec.Position;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.TrainState;

/** A job in plain Java: two stages, two weights with momentum, every step a function of state and step number. */
final class CountingJob implements TrainingJob {
    private final int stepsPerEpoch;
    private final int epochsPerStage;
    private final LongConsumer beforeStep;

    private double[] weights = {1, -1};
    private double[] momentum = {0, 0};

    CountingJob(int stepsPerEpoch, int epochsPerStage, LongConsumer beforeStep) {
        this.stepsPerEpoch = stepsPerEpoch;
        this.epochsPerStage = epochsPerStage;
        this.beforeStep = beforeStep;
    }

    @Override
    public long totalSteps() {
        return 2L * stepsPerStage();
    }

    private int stepsPerStage() {
        return stepsPerEpoch * epochsPerStage;
    }

    @Override
    public Position positionAfter(long step) {
        int stage = (int) Math.min(2, 1 + step / stepsPerStage());
        return new Position(stage, (int) (step - (stage - 1L) * stepsPerStage()) / stepsPerEpoch, step);
    }

    @Override
    public Map<String, Double> step(long step) {
        beforeStep.accept(step);
        for (int i = 0; i < weights.length; i++) {
            double gradient = weights[i] + Seeds.stream("noise", step, i).nextGaussian();
            momentum[i] = 0.9 * momentum[i] + gradient;
            weights[i] -= 0.01 * momentum[i];
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("train/loss", weights[0] * weights[0] + weights[1] * weights[1]);
        metrics.put("train/rate", 0.01);
        return metrics;
    }

    @Override
    public TrainState copyState() {
        return TrainState.ofWeights(List.of(tensor("weights", weights)))
                .with(TrainState.OPTIMIZER, List.of(tensor("momentum", momentum)));
    }

    @Override
    public void loadState(Position position, TrainState state) {
        weights = values(state.weights().get(0));
        momentum = values(state.optimizer().get(0));
    }

    private static HostTensor tensor(String name, double[] values) {
        ByteBuffer data = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        data.asDoubleBuffer().put(values);
        return new HostTensor(name, HostTensor.ElementType.F64, List.of((long) values.length), data);
    }

    private static double[] values(HostTensor tensor) {
        double[] values = new double[tensor.data().limit() / 8];
        tensor.data()
                .duplicate()
                .order(ByteOrder.LITTLE_ENDIAN)
                .asDoubleBuffer()
                .get(values);
        return values;
    }

    @Override
    public void close() {}
}
