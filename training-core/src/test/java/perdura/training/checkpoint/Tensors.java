package perdura.training.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import perdura.grids.spec.Position;

/** Small tensors for tests. */
final class Tensors {
    static final Position POSITION = new Position(1, 2, 7);

    private Tensors() {}

    static HostTensor floats(String name, float... values) {
        ByteBuffer data = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : values) {
            data.putFloat(value);
        }
        return new HostTensor(name, HostTensor.ElementType.F32, List.of((long) values.length), data.flip());
    }

    static HostTensor scalar(String name, long value) {
        ByteBuffer data = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value);
        return new HostTensor(name, HostTensor.ElementType.I64, List.of(), data.flip());
    }

    static TrainState state(float value) {
        return TrainState.ofWeights(List.of(floats("conv1.weight", value, 2, 3), scalar("bn1.num_batches_tracked", 4)))
                .with(TrainState.OPTIMIZER, List.of(floats("exp_avg.conv1.weight", -value, 0, 1)));
    }
}
