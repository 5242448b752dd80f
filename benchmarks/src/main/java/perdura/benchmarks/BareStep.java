package perdura.benchmarks;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import perdura.training.nn.ScriptBuilder;

/** A training step written straight on the engine's binding: nothing but the calls that do the work. */
final class BareStep implements AutoCloseable {
    private static final String OPTIMIZER = """
            def zero(self: __torch__.Bare, g: List[Tensor]) -> Tensor:
              _0 = torch._foreach_zero_(g)
              return g[0]
            def step(self: __torch__.Bare, p: List[Tensor], g: List[Tensor], m: List[Tensor], v: List[Tensor], t: List[Tensor]) -> Tensor:
              _0 = torch._foreach_add_(t, 1)
              none = annotate(List[Tensor], [])
              _1 = torch._fused_adam_(p, g, m, v, none, t, lr=1e-4, beta1=0.9, beta2=0.999, weight_decay=1e-6, eps=1e-8, amsgrad=False, maximize=False)
              return t[0]
            """;

    private final NDManager base = NDManager.newBaseManager();
    private final PtSymbolBlock module;
    private final NDList arguments = new NDList();
    private final NDList trained = new NDList();
    private final NDList gradients = new NDList();
    private final NDList moments = new NDList();
    private final NDList squares = new NDList();
    private final NDList counts = new NDList();

    /** @param shapes of the tensors of the program's list */
    BareStep(ScriptBuilder program, List<List<Long>> shapes) throws IOException {
        String functions = program.text().replace("__torch__.Script", "__torch__.Bare") + OPTIMIZER;
        module = JniUtils.loadModule((PtNDManager) base, new ByteArrayInputStream(archive(functions)), false, false);
        // The program's list holds parameters and BatchNorm's buffers; five tensors belong to each BatchNorm, in this
        // order:
        // weight, bias, mean, variance, count. Every other one is a convolution's weight.
        int ofBatchNorm = 0;
        for (List<Long> sizes : shapes) {
            Shape shape = new Shape(sizes.stream().mapToLong(Long::longValue).toArray());
            ofBatchNorm = sizes.size() == 4 ? 0 : ofBatchNorm + 1;
            NDArray tensor = switch (ofBatchNorm) {
                case 0 -> {
                    double fanOut = (double) shape.get(0) * shape.get(2) * shape.get(3);
                    yield base.randomNormal(0, (float) Math.sqrt(2 / fanOut), shape, DataType.FLOAT32);
                }
                case 1, 4 -> base.ones(shape);
                case 2, 3 -> base.zeros(shape);
                default -> base.zeros(shape, DataType.INT64);
            };
            arguments.add(tensor);
            if (ofBatchNorm <= 2) {
                train(tensor);
            }
        }
        try (NDManager manager = base.newSubManager()) {
            backward(manager, pixels(2), 2, 64);
        }
        for (NDArray parameter : trained) {
            gradients.add(parameter.getGradient());
        }
    }

    private static FloatBuffer pixels(int batch) {
        return FloatBuffer.allocate(batch * 64 * 64);
    }

    private void train(NDArray tensor) {
        tensor.setRequiresGradient(true);
        trained.add(tensor);
        moments.add(base.zeros(tensor.getShape()));
        squares.add(base.zeros(tensor.getShape()));
        counts.add(base.zeros(new Shape()));
    }

    void step(FloatBuffer pixels, int batch, int side) {
        try (NDManager manager = base.newSubManager()) {
            call(manager, "zero", List.of(gradients));
            backward(manager, pixels, batch, side);
            call(manager, "step", List.of(trained, gradients, moments, squares, counts));
        }
    }

    private void backward(NDManager manager, FloatBuffer pixels, int batch, int side) {
        NDArray images = manager.create(pixels, new Shape(batch, 1, side, side), DataType.FLOAT32);
        JniUtils.setGradMode(true);
        NDArray loss = call(manager, "loss", List.of(arguments), images);
        JniUtils.setGradMode(false);
        loss.getFloat();
        JniUtils.backward((PtNDArray) loss, (PtNDArray) manager.ones(loss.getShape()), false, false);
    }

    private NDArray call(NDManager manager, String method, List<NDList> lists, NDArray... single) {
        NDArray selector = manager.zeros(new Shape());
        selector.setName("module_method:" + method);
        NDList all = new NDList(selector);
        for (int i = 0; i < lists.size(); i++) {
            for (NDArray tensor : lists.get(i)) {
                tensor.setName("a" + i + "[]");
                all.add(tensor);
            }
        }
        all.addAll(List.of(single));
        return IValueUtils.forward(module, all, true).head();
    }

    private static byte[] archive(String functions) throws IOException {
        String source = "class Bare(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
                + functions.indent(2);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "data.pkl", "\u0080\u0002c__torch__\nBare\n)\u0081}(X\b\0\0\0training\u0088ub.");
            store(zip, "code/__torch__.py", source);
            store(zip, "constants.pkl", "\u0080\u0002).");
            store(zip, "version", "10\n");
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, String text) throws IOException {
        byte[] content = text.getBytes(StandardCharsets.ISO_8859_1);
        CRC32 crc = new CRC32();
        crc.update(content);
        ZipEntry entry = new ZipEntry("bare/" + name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }

    @Override
    public void close() {
        base.close();
    }
}
