package perdura.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import perdura.cli.words.Json;
import perdura.cli.words.Table;
import perdura.grids.spec.Amount;
import perdura.training.weights.WeightFolders;
import perdura.training.weights.file.FileTensor;
import perdura.training.weights.file.WeightFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks into a file of weights. */
@Command(
        name = "inspect",
        description = {
            "List the tensors of a file of weights: .pth, .pt, .bin, .ckpt, .safetensors, or a checkpoint's folder.",
            "Nothing in the file is executed."
        })
final class WeightsInspectCommand extends Subcommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "a file, or a folder with one in it")
    private @Nullable Path path;

    @Option(names = "--json", description = "as JSON")
    private boolean json;

    private record TensorView(String name, String dtype, List<Long> shape, long sizeBytes) {}

    private record FileView(
            String file, String format, long tensorCount, long elements, long sizeBytes, List<TensorView> tensors) {}

    @Override
    public Integer call() {
        List<FileView> views = new ArrayList<>();
        for (Path file : files(Objects.requireNonNull(path))) {
            views.add(view(file));
        }
        if (json) {
            Map<String, Object> all = new LinkedHashMap<>();
            all.put("files", views);
            terminal.result(Json.of(all));
        } else {
            views.forEach(this::print);
        }
        return 0;
    }

    /** A checkpoint of ours has a file of tensors for each section of its state; the weights come first. */
    private static List<Path> files(Path path) {
        Path file = WeightFolders.fileOf(path);
        if (!Files.isDirectory(path) || !file.endsWith("weights.safetensors")) {
            return List.of(file);
        }
        try (Stream<Path> all = Files.list(path)) {
            return Stream.concat(
                            Stream.of(file),
                            all.filter(each -> each.toString().endsWith(".safetensors") && !each.equals(file))
                                    .sorted())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FileView view(Path path) {
        try (WeightFile file = WeightFile.open(path)) {
            List<TensorView> tensors = file.tensors().stream()
                    .map(tensor ->
                            new TensorView(tensor.name(), tensor.type().name(), tensor.shape(), tensor.sizeBytes()))
                    .toList();
            return new FileView(
                    path.toString(),
                    file.format().description(),
                    tensors.size(),
                    file.tensors().stream().mapToLong(FileTensor::elements).sum(),
                    tensors.stream().mapToLong(TensorView::sizeBytes).sum(),
                    tensors);
        }
    }

    private void print(FileView view) {
        Table table = new Table("TENSOR", "TYPE", "SHAPE", "BYTES");
        view.tensors().forEach(tensor -> table.row(tensor.name(), tensor.dtype(), tensor.shape(), tensor.sizeBytes()));
        terminal.message(view.file() + ": " + view.format());
        terminal.result(table.toString());
        terminal.result(Amount.of(view.tensorCount(), "tensor") + ", " + view.elements() + " elements, "
                + view.sizeBytes() + " bytes");
    }
}
