package perdura.training.methods.sense.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.golden.GoldenFixture;
import perdura.training.torch.Parameters;
import perdura.training.torch.StepScope;
import perdura.training.torch.Tensor;
import perdura.training.torch.Torch;

/** A fixture of SENSE with its tensors on the device, and the tolerances of its README. All sizes are the fixture's. */
final class SenseFixture implements AutoCloseable {
    final GoldenFixture golden;
    final ElementType type;
    final Torch torch;
    final StepScope scope;

    SenseFixture(String name, ElementType type) {
        this.golden = GoldenFixture.load("sense/" + name);
        this.type = type;
        this.torch = Torch.start("cpu", 1);
        this.scope = torch.newStep();
    }

    JsonNode config() {
        return golden.json().get("config");
    }

    /** A tensor of the fixture, for calls. */
    Tensor tensor(String name) {
        return scope.tensor(host(name, name));
    }

    /** A tensor of the fixture under another name. */
    HostTensor host(String name, String as) {
        return golden.tensor(name, as, type);
    }

    long[] longs(String name) {
        return Arrays.stream(golden.values(name))
                .mapToLong(value -> (long) value)
                .toArray();
    }

    /** Some of its tensors as parameters, which can have gradients. */
    Parameters parameters(Map<String, String> nameByStored) {
        Parameters store = new Parameters(torch);
        nameByStored.forEach((stored, name) -> store.add(stored, golden.type(name, type), golden.shape(name)));
        store.copyIn(nameByStored.entrySet().stream()
                .map(entry -> host(entry.getValue(), entry.getKey()))
                .toList());
        return store;
    }

    /** The same names, in a store and in the fixture. */
    Parameters parameters(List<String> names) {
        Map<String, String> same = new LinkedHashMap<>();
        names.forEach(name -> same.put(name, name));
        return parameters(same);
    }

    /** Numbers in host memory; whole ones where {@code type} is I64. */
    static HostTensor host(String name, ElementType type, double[] values, long... shape) {
        return GoldenFixture.host(name, type, Arrays.stream(shape).boxed().toList(), values);
    }

    /** Whole numbers [rows.size(), most], with {@code pad} where a row has no more. */
    static Tensor table(StepScope scope, List<List<Integer>> rows, long pad) {
        int most = rows.stream().mapToInt(List::size).max().orElseThrow();
        LongBuffer buffer = ByteBuffer.allocateDirect(8 * most * rows.size())
                .order(ByteOrder.nativeOrder())
                .asLongBuffer();
        for (List<Integer> row : rows) {
            for (int i = 0; i < most; i++) {
                buffer.put(i < row.size() ? row.get(i) : pad);
            }
        }
        return scope.longs(buffer.flip(), rows.size(), most);
    }

    /** Row r holds offsets[r] to offsets[r + 1] - 1. */
    static List<List<Integer>> ranges(long[] offsets) {
        List<List<Integer>> rows = new ArrayList<>();
        for (int i = 0; i + 1 < offsets.length; i++) {
            rows.add(IntStream.range((int) offsets[i], (int) offsets[i + 1])
                    .boxed()
                    .toList());
        }
        return rows;
    }

    /** Compares with a tensor of the fixture: absolute, or relative to its magnitude, whichever is larger. */
    void check(String name, Tensor actual, double tolerance32) {
        check(name, actual.toDoubles(), tolerance32);
    }

    void check(String name, double[] actual, double tolerance32) {
        assertClose(name, actual, golden.values(name), type == ElementType.F64 ? 1e-9 : tolerance32);
    }

    void checkScalar(String name, double actual, double tolerance32) {
        double expected = golden.scalar(name);
        double tolerance = type == ElementType.F64 ? 1e-9 : tolerance32;
        assertThat(actual).as(name).isCloseTo(expected, within(tolerance * Math.max(1, Math.abs(expected))));
    }

    static void assertClose(String name, double[] actual, double[] expected, double tolerance) {
        assertThat(actual).as(name).hasSameSizeAs(expected);
        double size = Math.max(1, Arrays.stream(expected).map(Math::abs).max().orElse(0));
        for (int i = 0; i < actual.length; i++) {
            assertThat(actual[i]).as("%s[%d]", name, i).isCloseTo(expected[i], within(tolerance * size));
        }
    }

    @Override
    public void close() {
        torch.close();
    }
}
