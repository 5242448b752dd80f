package perdura.training.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.datasets.file.PrivateFiles;
import perdura.grids.spec.DurableEffects;
import perdura.grids.spec.ErrorCode;
import perdura.grids.spec.PerduraException;
import perdura.grids.spec.PlainText;
import perdura.training.checkpoint.DataType;
import perdura.training.checkpoint.DurableFiles;
import perdura.training.checkpoint.FileDigest;
import perdura.training.checkpoint.HostTensor.ElementType;
import perdura.training.checkpoint.SafetensorsWriter;
import perdura.training.checkpoint.TensorSource;
import perdura.training.weights.file.FileTensor;
import perdura.training.weights.file.WeightFile;

/**
 * Brings weights into the store. The folder gets its name, the digest, only when all of it is on disk. One tensor at a
 * time is in memory.
 */
public record WeightImporter(WeightStore store, DurableEffects effects) {
    /** What is written may be larger than the file (16-bit floats double, tied weights too), but not at will. */
    private static final int MAX_GROWTH = 8;

    private static final long SMALL_BYTES = 1 << 20;

    /**
     * Imports a file. The same weights again, from whatever format, change nothing but the name.
     *
     * @throws PerduraException INVALID_WEIGHTS if the file can't be used, with everything that is wrong with it; INVALID_SPEC
     *     for an impossible name; NOT_FOUND; ARTIFACT_STORE_UNAVAILABLE if the store can't be written: nothing is left then
     */
    public ImportResult run(WeightImport wanted) {
        checkName(wanted.name());
        Path file = WeightFolders.fileOf(wanted.file()).toAbsolutePath().normalize();
        WeightPublisher publisher = new WeightPublisher(store, effects);
        Path writing = publisher.unfinishedFolder();
        try (WeightFile source = WeightFile.open(file)) {
            Recognition found = recognise(file, source, wanted);
            BertSizes text = found.text();
            if (text != null) {
                text = text.withHeads(heads(found.kind(), file, text, wanted.heads()));
            }
            checkGrowth(source, found);
            source.verify();
            publisher.sweep();
            PrivateFiles.createDirectory(writing);
            WeightManifest manifest = fill(writing, source, found, text);
            boolean isNew = publisher.publish(writing, manifest);
            String before = wanted.name() == null ? null : publisher.name(wanted.name(), manifest.digest());
            return new ImportResult(store.load(manifest.digest()), manifest, isNew, before);
        } catch (IOException e) {
            throw new PerduraException(
                    ErrorCode.ARTIFACT_STORE_UNAVAILABLE,
                    store.root() + ": can't write the weights (" + e + "); free space or make the folder writable",
                    e);
        } finally {
            publisher.remove(writing);
        }
    }

    /** What can't be recognised may be of a family that the config.json beside it names. */
    private static Recognition recognise(Path file, WeightFile source, WeightImport wanted) {
        try {
            return Recognition.of(file.toString(), source.tensors(), wanted.kind(), wanted.prefix());
        } catch (PerduraException e) {
            if (wanted.kind() != WeightKind.RESNET) {
                BertConfigFile.refuseOtherFamily(file, e);
            }
            throw e;
        }
    }

    /** From the config.json beside a BERT, or as the user says. */
    private static @Nullable Integer heads(WeightKind kind, Path file, BertSizes text, @Nullable Integer said) {
        Integer configured = kind == WeightKind.BERT ? BertConfigFile.check(file.getParent(), text) : null;
        if (said == null) {
            return configured;
        }
        if (said < 1 || text.hidden() % said != 0) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC, said + " heads don't divide the hidden size " + text.hidden());
        }
        if (configured != null && !configured.equals(said)) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    said + " heads were said, but num_attention_heads is " + configured + " in "
                            + file.resolveSibling("config.json"));
        }
        return said;
    }

    private static void checkName(@Nullable String name) {
        if (name != null && !WeightStore.isName(name)) {
            throw new PerduraException(
                    ErrorCode.INVALID_SPEC,
                    "a name of weights is a letter and then at most 59 of a-z, 0-9, '.', '_' and '-', and no beginning of a"
                            + " digest, was '" + name + "'");
        }
    }

    private static void checkGrowth(WeightFile source, Recognition found) throws IOException {
        long fileBytes = source.sizeBytes();
        long written = 0;
        for (FileTensor tensor : found.findings().taken().values()) {
            long elements = Math.min(tensor.elements(), Integer.MAX_VALUE);
            written += elements * WeightFile.targetType(tensor).sizeBytes();
        }
        if (written > SMALL_BYTES && written / MAX_GROWTH > fileBytes) {
            throw new PerduraException(
                    ErrorCode.INVALID_WEIGHTS,
                    source.path() + ": its tensors are views that take " + written + " bytes, the file has " + fileBytes
                            + "; save them in Python with tensor.clone()");
        }
    }

    private WeightManifest fill(Path folder, WeightFile source, Recognition found, @Nullable BertSizes text)
            throws IOException {
        List<TensorSource> tensors = new ArrayList<>();
        found.findings()
                .taken()
                .forEach((name, tensor) ->
                        tensors.add(new CheckedValues(source.source(tensor, name), source.path(), tensor)));
        found.findings().initial().stream()
                .filter(left -> left.name().endsWith("num_batches_tracked"))
                .forEach(left -> tensors.add(Counts.zero(left.name())));
        tensors.sort(Comparator.comparing(TensorSource::name));
        Map<String, FileDigest> files = new TreeMap<>();
        FileDigest weights = SafetensorsWriter.write(folder.resolve(WeightSet.WEIGHTS), tensors, effects);
        files.put(WeightSet.WEIGHTS, weights);
        if (text != null) {
            Path beside = source.path().resolveSibling(WeightSet.VOCABULARY);
            Optional<byte[]> vocabulary = found.kind() == WeightKind.BERT
                    ? VocabularyFile.read(beside, text.vocabulary())
                    : VocabularyFile.find(beside, text.vocabulary());
            if (vocabulary.isPresent()) {
                files.put(
                        WeightSet.VOCABULARY,
                        DurableFiles.write(folder.resolve(WeightSet.VOCABULARY), vocabulary.get(), effects));
            }
        }
        FileDigest file = source.digest();
        WeightManifest manifest = new WeightManifest(
                found.kind(),
                weights.sha256(),
                found.image(),
                text,
                new WeightManifest.Source(
                        String.valueOf(source.path().getFileName()),
                        file.sha256(),
                        file.sizeBytes(),
                        source.format().description()),
                files,
                tensors.stream().map(TensorSource::name).toList(),
                found.findings().skipped(),
                found.findings().initial());
        DurableFiles.write(
                folder.resolve(WeightSet.MANIFEST), manifest.write().getBytes(StandardCharsets.UTF_8), effects);
        return manifest;
    }

    /**
     * A tensor that is checked when it is read: no training goes on from a value that is no number.
     *
     * @param tensor as it is in the file
     */
    private record CheckedValues(TensorSource of, Path file, FileTensor tensor) implements TensorSource {
        private static final int CHUNK = 1 << 13;

        @Override
        public String name() {
            return of.name();
        }

        @Override
        public ElementType type() {
            return of.type();
        }

        @Override
        public List<Long> shape() {
            return of.shape();
        }

        @Override
        public ByteBuffer data() throws IOException {
            ByteBuffer data = of.data();
            if (type() == ElementType.F32) {
                check(data.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer());
            }
            return data;
        }

        private void check(FloatBuffer values) {
            float least = name().endsWith("running_var") ? 0 : -Float.MAX_VALUE;
            float[] chunk = new float[Math.min(CHUNK, values.remaining())];
            while (values.hasRemaining()) {
                int from = values.position();
                int count = Math.min(chunk.length, values.remaining());
                values.get(chunk, 0, count);
                for (int i = 0; i < count; i++) {
                    if (!(chunk[i] >= least && chunk[i] <= Float.MAX_VALUE)) {
                        throw new PerduraException(
                                ErrorCode.INVALID_WEIGHTS,
                                PlainText.line(file + ": tensor " + tensor.name() + " holds " + chunk[i] + " at place "
                                        + (from + i)
                                        + (tensor.type() == DataType.F64 ? " (a float64, kept as float32)" : "")
                                        + ", expected "
                                        + (least == 0 ? "a variance, at least 0" : "finite numbers")));
                    }
                }
            }
        }
    }

    /**
     * What a file of tensors is of, with every name and shape checked.
     *
     * @param image sizes of its image encoder, if it has one
     * @param text sizes of its text encoder, if it has one
     * @param findings which tensor becomes which, which are not taken, and which the file lacks
     */
    private record Recognition(
            WeightKind kind,
            @Nullable ResnetSizes image,
            @Nullable BertSizes text,
            ImportIssues findings) {
        /**
         * Recognises a model by its names.
         *
         * @param wanted the kind to look for, or null to find it out
         * @param prefix what stands before the model's names, or null to find it out
         * @throws PerduraException INVALID_WEIGHTS if there is no such model or more than one, or something is wrong with it
         */
        static Recognition of(
                String file, List<FileTensor> tensors, @Nullable WeightKind wanted, @Nullable String prefix) {
            ImportIssues findings = new ImportIssues(file);
            Marks marks = new Marks(findings, tensors, prefix);
            WeightKind kind = wanted == null ? marks.kind() : wanted;
            ResnetSizes image = null;
            BertSizes text = null;
            switch (kind) {
                case RESNET -> image = ResnetReading.read(tensors, marks.resnet(), "", findings);
                case BERT -> text = BertReading.read(tensors, marks.bert(), "", findings);
                case PRIOR -> {
                    PriorReading.Naming naming = marks.naming();
                    PriorReading.Sizes sizes = PriorReading.read(tensors, marks.prior(naming), naming, findings);
                    image = sizes.image();
                    text = sizes.text();
                }
            }
            findings.throwIfAny();
            Set<String> known = new HashSet<>();
            findings.taken().values().forEach(tensor -> known.add(tensor.name()));
            findings.skipped().forEach(left -> known.add(left.name()));
            tensors.stream()
                    .map(FileTensor::name)
                    .filter(name -> !known.contains(name))
                    .forEach(name -> findings.skip(name, "not part of the model"));
            return new Recognition(kind, image, text, findings);
        }
    }

    /**
     * What an import has done.
     *
     * @param set the weights in the store
     * @param found what this import found in its file; an earlier one of the same weights may have left other things out
     * @param isNew whether the weights were not in the store before
     * @param nameBefore the digest that the name stood for before, if that was another
     */
    public record ImportResult(
            WeightSet set,
            WeightManifest found,
            boolean isNew,
            @Nullable String nameBefore) {}

    /**
     * What to import.
     *
     * @param file a file of weights, or a folder of Hugging Face or of ours with one in it
     * @param kind what to look for in it, or null to find it out
     * @param prefix what the names of the model begin with, or null to find it out
     * @param heads of the text encoder, where no config.json says it, or null
     * @param name to give the weights, or null
     */
    public record WeightImport(
            Path file,
            @Nullable WeightKind kind,
            @Nullable String prefix,
            @Nullable Integer heads,
            @Nullable String name) {}
}
