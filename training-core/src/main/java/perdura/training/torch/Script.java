package perdura.training.torch;

import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.IValueUtils;
import ai.djl.pytorch.jni.JniUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;

/**
 * TorchScript compiled from text that Java writes. Any operation of the engine is at hand, the constants are literals of
 * the text, and one call runs many operations. A function reads
 * {@code def name(self: __torch__.Script, a: List[Tensor], b: Tensor) -> Tensor:}.
 */
public final class Script implements AutoCloseable {
    private final PtSymbolBlock module;

    private Script(PtSymbolBlock module) {
        this.module = module;
    }

    /**
     * Compiles functions.
     *
     * @param functions TorchScript in the form of serialised archives (every operation has the prefix {@code torch.})
     * @throws PerduraException INTERNAL with the engine's message if the text is wrong
     */
    public static Script compile(Torch torch, String functions) {
        try {
            byte[] archive = ScriptArchive.of(functions);
            return new Script(JniUtils.loadModule(
                    (PtNDManager) torch.newStore(), new ByteArrayInputStream(archive), false, false));
        } catch (EngineException | IOException e) {
            throw new PerduraException(ErrorCode.INTERNAL, "the engine refuses a script: " + e.getMessage(), e);
        }
    }

    /**
     * Calls a function. Its parameters are first the lists, then the single tensors. One tensor stands in one argument
     * only, in a list as often as wanted.
     *
     * @param lists arguments of type {@code List[Tensor]}; none of them empty
     * @param tensors arguments of type {@code Tensor}
     * @return the tensor or the tensors that the function returns, owned by the scope
     * @throws PerduraException OUT_OF_MEMORY, or INTERNAL for every other error of the engine
     */
    public List<Tensor> call(StepScope scope, String function, List<List<Tensor>> lists, Tensor... tensors) {
        NDList arguments = new NDList(scope.selector(function));
        List<@Nullable String> roles = new ArrayList<>(); // of the arguments after the selector
        for (int i = 0; i < lists.size(); i++) {
            if (lists.get(i).isEmpty()) {
                throw new IllegalArgumentException("list " + i + " of " + function + " must not be empty");
            }
            for (Tensor tensor : lists.get(i)) {
                arguments.add(tensor.array());
                roles.add("list" + i + "[]");
            }
        }
        for (Tensor tensor : tensors) {
            arguments.add(tensor.array());
            roles.add(null);
        }
        assignRoles(function, arguments, roles);
        List<Tensor> results = new ArrayList<>();
        try {
            for (NDArray result : IValueUtils.forward(module, arguments, true)) {
                results.add(new Tensor(result));
            }
        } catch (EngineException e) {
            throw EngineErrors.translate(function, e);
        }
        return results;
    }

    /** The engine's binding reads an argument's role from the array's name. */
    private static void assignRoles(String function, NDList arguments, List<@Nullable String> roles) {
        for (int i = 0; i < roles.size(); i++) {
            arguments.get(i + 1).setName(roles.get(i));
        }
        for (int i = 0; i < roles.size(); i++) {
            if (!Objects.equals(arguments.get(i + 1).getName(), roles.get(i))) {
                throw new IllegalArgumentException("one tensor stands in two arguments of " + function);
            }
        }
    }

    @Override
    public void close() {
        module.close();
    }

    /** The bytes of a TorchScript archive: an uncompressed zip with source text and the pickle of an empty module. */
    private static final class ScriptArchive {
        private static final String HEADER = """
                class Script(Module):
                  __parameters__ = []
                  __buffers__ = []
                  training : bool
                """;

        /** Protocol 2: an instance of __torch__.Script with the state {"training": True}. */
        private static final byte[] MODULE = "\u0080\u0002c__torch__\nScript\n)\u0081}(X\b\0\0\0training\u0088ub."
                .getBytes(StandardCharsets.ISO_8859_1);

        /** Protocol 2: the empty tuple. */
        private static final byte[] NO_CONSTANTS = "\u0080\u0002).".getBytes(StandardCharsets.ISO_8859_1);

        private ScriptArchive() {}

        static byte[] of(String functions) throws IOException {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
                store(zip, "script/data.pkl", MODULE);
                store(zip, "script/code/__torch__.py", (HEADER + functions.indent(2)).getBytes(StandardCharsets.UTF_8));
                store(zip, "script/constants.pkl", NO_CONSTANTS);
                store(zip, "script/version", "10\n".getBytes(StandardCharsets.UTF_8)); // 10: today's operator schemas
            }
            return bytes.toByteArray();
        }

        private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
            CRC32 crc = new CRC32();
            crc.update(content);
            ZipEntry entry = new ZipEntry(name);
            entry.setMethod(ZipEntry.STORED);
            entry.setSize(content.length);
            entry.setCrc(crc.getValue());
            entry.setTime(0);
            zip.putNextEntry(entry);
            zip.write(content);
            zip.closeEntry();
        }
    }
}
