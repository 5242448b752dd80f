package perdura.training.weights;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import perdura.grids.spec.BertSpec;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ResnetSpec;
import perdura.training.checkpoint.HostTensor;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.SafetensorsReader;
import perdura.training.checkpoint.SafetensorsWriter;
import perdura.training.methods.prior.model.Prior;
import perdura.training.nn.Backbone;
import perdura.training.nn.Bert;
import perdura.training.nn.ScriptBuilder;

/** Small models that make_model_files.py wrote with PyTorch. */
final class WeightFixtures {
    private WeightFixtures() {}

    /** The image backbone alone: its function {@code backbone} takes [B, 1, S, S] to [B, C, S/32, S/32]. */
    static ScriptBuilder backbone(Prior prior) {
        ResnetSpec sizes = prior.spec().image().resnet();
        ScriptBuilder program = new ScriptBuilder(ScriptBuilder.Mode.EVAL);
        new Backbone("image.backbone", sizes.blocks(), sizes.width()).write(program);
        return program;
    }

    /** The text encoder alone: its function {@code bert} takes ids and attention mask [B, L] to [B, L, hidden]. */
    static ScriptBuilder bert(Prior prior) {
        BertSpec sizes = prior.spec().text().bert();
        ScriptBuilder program = new ScriptBuilder(ScriptBuilder.Mode.EVAL);
        new Bert(
                        "text.bert",
                        prior.vocabulary(),
                        sizes.hidden(),
                        sizes.layers(),
                        sizes.heads(),
                        sizes.ffn(),
                        sizes.positions(),
                        prior.spec().text().dropout())
                .write(program);
        return program;
    }

    static Path path(String name) {
        try {
            return Path.of(Objects.requireNonNull(WeightFixtures.class.getResource(name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException(name, e);
        }
    }

    /** Tensors by name. */
    static Map<String, HostTensor> read(Path safetensors) {
        try {
            Map<String, HostTensor> tensors = new LinkedHashMap<>();
            SafetensorsReader.read(safetensors).forEach(tensor -> tensors.put(tensor.name(), tensor));
            return tensors;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of zeros with these names and shapes. */
    static Path zeros(Path file, Map<String, List<Long>> shapes) {
        List<HostTensor> tensors = new ArrayList<>();
        shapes.forEach((name, shape) -> {
            ElementType type = name.endsWith("num_batches_tracked") ? ElementType.I64 : ElementType.F32;
            long bytes = shape.stream().reduce((long) type.sizeBytes(), Math::multiplyExact);
            tensors.add(new HostTensor(
                    name,
                    type,
                    shape,
                    ByteBuffer.allocate(Math.toIntExact(bytes)).order(ByteOrder.LITTLE_ENDIAN)));
        });
        try {
            Files.deleteIfExists(file);
            SafetensorsWriter.write(file, tensors, DurableEffects.counting());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    static double[] values(Map<String, HostTensor> tensors, String name) {
        HostTensor tensor = Objects.requireNonNull(tensors.get(name), name);
        ByteBuffer data =
                tensor.data().duplicate().order(ByteOrder.LITTLE_ENDIAN).rewind();
        double[] values = new double[data.limit() / tensor.type().sizeBytes()];
        for (int i = 0; i < values.length; i++) {
            values[i] = tensor.type() == ElementType.F32 ? data.getFloat() : data.getLong();
        }
        return values;
    }

    /** Copies a folder of files, so that a test can change it. */
    static Path copyFolder(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(String.valueOf(file.getFileName())));
            }
        }
        return to;
    }
}
