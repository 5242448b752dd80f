package perdura.training.weights;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.PerduraException;
import perdura.training.weights.file.FileTensor;

/**
 * What a file of tensors is of, with every name and shape checked.
 *
 * @param image sizes of its image encoder, if it has one
 * @param text sizes of its text encoder, if it has one
 * @param taken which tensor becomes which, by name in the imported file
 * @param skipped tensors of the file that are not taken
 * @param initial tensors of the model that the file lacks
 */
record Recognition(
        WeightKind kind,
        @Nullable ResnetSizes image,
        @Nullable BertSizes text,
        Map<String, FileTensor> taken,
        List<LeftOut> skipped,
        List<LeftOut> initial) {
    /**
     * Recognises a model by its names.
     *
     * @param wanted the kind to look for, or null to find it out
     * @param prefix what stands before the model's names, or null to find it out
     * @throws PerduraException INVALID_WEIGHTS if there is no such model or more than one, or something is wrong with it
     */
    static Recognition of(String file, List<FileTensor> tensors, @Nullable WeightKind wanted, @Nullable String prefix) {
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
        List<LeftOut> skipped = new ArrayList<>(findings.skipped());
        skipped.addAll(elsewhere(tensors, findings));
        return new Recognition(
                kind, image, text, new TreeMap<>(findings.taken()), skipped, List.copyOf(findings.initial()));
    }

    private static List<LeftOut> elsewhere(List<FileTensor> tensors, ImportIssues findings) {
        Set<String> known = new HashSet<>();
        findings.taken().values().forEach(tensor -> known.add(tensor.name()));
        findings.skipped().forEach(left -> known.add(left.name()));
        return tensors.stream()
                .map(FileTensor::name)
                .filter(name -> !known.contains(name))
                .map(name -> new LeftOut(name, "not part of the model"))
                .toList();
    }
}
