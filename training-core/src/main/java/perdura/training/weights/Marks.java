package perdura.training.weights;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import perdura.grids.spec.PerduraException;
import perdura.training.weights.file.FileTensor;

/** Where in a file's names the models begin, told by a tensor that every model of the kind has. */
final class Marks {
    private static final int SHOWN_NAMES = 5;

    private final ImportIssues findings;
    private final List<String> names;
    private final List<String> resnets;
    private final List<String> berts;

    /** @param prefix the only one to look at, or null for all */
    Marks(ImportIssues findings, List<FileTensor> tensors, @Nullable String prefix) {
        this.findings = findings;
        this.names = tensors.stream().map(FileTensor::name).toList();
        this.resnets = prefixes(ResnetReading.MARK, prefix);
        this.berts = prefixes(BertReading.MARK, prefix);
    }

    private List<String> prefixes(String mark, @Nullable String only) {
        return names.stream()
                .filter(name -> name.equals(mark) || name.endsWith("." + mark))
                .map(name -> name.substring(0, name.length() - mark.length()))
                .filter(found -> only == null || found.startsWith(only))
                .toList();
    }

    /** @throws PerduraException INVALID_WEIGHTS if it can't be told */
    WeightKind kind() {
        if (findNaming().isPresent()) {
            return WeightKind.PRIOR;
        }
        if (!resnets.isEmpty() && !berts.isEmpty()) {
            throw findings.refusal("holds a ResNet (below '" + resnets.get(0) + "') and a BERT (below '" + berts.get(0)
                    + "'); say which one with --kind resnet or --kind bert");
        }
        if (resnets.isEmpty() && berts.isEmpty()) {
            throw nothing("a ResNet, a BERT or PRIOR's model");
        }
        return resnets.isEmpty() ? WeightKind.BERT : WeightKind.RESNET;
    }

    /** What the names of the ResNet begin with. */
    String resnet() {
        return only(
                resnets,
                "ResNet",
                Arrays.stream(PriorReading.Naming.values())
                        .map(PriorReading.Naming::image)
                        .toList());
    }

    /** What the names of the BERT begin with. */
    String bert() {
        return only(
                berts,
                "BERT",
                Arrays.stream(PriorReading.Naming.values())
                        .map(PriorReading.Naming::text)
                        .toList());
    }

    /** Whose names PRIOR's model has here. */
    PriorReading.Naming naming() {
        return findNaming().orElseThrow(() -> nothing("PRIOR's model"));
    }

    /** What stands before the names of PRIOR's model. */
    String prior(PriorReading.Naming naming) {
        String image = only(
                resnets.stream().filter(p -> p.endsWith(naming.image())).toList(), "PRIOR", List.of(naming.image()));
        return image.substring(0, image.length() - naming.image().length());
    }

    private Optional<PriorReading.Naming> findNaming() {
        return Arrays.stream(PriorReading.Naming.values())
                .filter(naming -> resnets.stream().anyMatch(p -> p.endsWith(naming.image()))
                        && berts.stream().anyMatch(p -> p.endsWith(naming.text())))
                .findFirst();
    }

    /** Of several, the one that a known model has as its encoder: not its decoder, nor its momentum copy. */
    private String only(List<String> found, String what, List<String> encoders) {
        List<String> likely = found.size() < 2
                ? found
                : found.stream()
                        .filter(p -> encoders.stream().anyMatch(p::endsWith) && !p.contains("momentum."))
                        .toList();
        if (likely.size() == 1) {
            return likely.get(0);
        }
        if (found.isEmpty()) {
            throw nothing("a " + what);
        }
        throw findings.refusal("holds " + found.size() + " of the kind " + what + ", below "
                + found.stream().map(p -> "'" + p + "'").toList() + "; say which one with --prefix");
    }

    private PerduraException nothing(String what) {
        if (names.isEmpty()) {
            return findings.refusal("holds no tensor");
        }
        return findings.refusal("does not hold " + what + "; its " + names.size() + " tensors begin with "
                + names.subList(0, Math.min(SHOWN_NAMES, names.size())));
    }
}
