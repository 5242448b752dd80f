package perdura.datasets.synth;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import perdura.datasets.image.CropBox;
import perdura.datasets.image.RunLength;
import perdura.datasets.synth.DrawnImage.FindingTrace;
import perdura.datasets.synth.Visit.PlacedFinding;
import perdura.grids.spec.CanonicalJson;
import perdura.grids.spec.EnumWord;

/**
 * One line of JSON for a study: which patient's it is, what there is, what is told of it, and where each image shows it. It
 * holds no texts. Masks are run lengths, as SIIM's table has them.
 */
final class SynthTruth {
    private final Map<String, Object> values = new TreeMap<>();
    private final List<Object> images = new ArrayList<>();

    SynthTruth(Patient patient, Visit visit) {
        values.put("patient", patient.number());
        values.put("visit", visit.number());
        values.put(
                "findings", visit.findings().stream().map(SynthTruth::finding).toList());
        values.put("catheter", EnumWord.of(visit.catheter()));
        values.put("images", images);
    }

    /** Adds a value of the layout's own. */
    SynthTruth with(String key, Object value) {
        values.put(key, value);
        return this;
    }

    /** Adds what a reader says. */
    SynthTruth told(Reading mentions) {
        Map<String, Object> told = new TreeMap<>();
        for (Finding finding : Finding.values()) {
            told.put(finding.key(), EnumWord.of(mentions.of(finding)));
        }
        return with("told", told);
    }

    /**
     * Adds an image.
     *
     * @param key what its name is called
     */
    SynthTruth image(String key, String name, Shot shot, DrawnImage drawn) {
        Map<String, Object> image = new TreeMap<>();
        image.put(key, name);
        image.put("view", shot.view().name());
        image.put("width", drawn.width());
        image.put("height", drawn.height());
        Stream<FindingTrace> visible = drawn.traces().stream().filter(FindingTrace::isVisible);
        image.put("boxes", visible.map(SynthTruth::box).toList());
        images.add(image);
        return this;
    }

    /** The line, with its end. */
    String line() {
        return CanonicalJson.write(values) + "\n";
    }

    private static Map<String, Object> finding(PlacedFinding placed) {
        Map<String, Object> finding = new LinkedHashMap<>();
        finding.put("finding", placed.finding().key());
        finding.put("side", EnumWord.of(placed.side()));
        finding.put("zone", EnumWord.of(placed.zone()));
        finding.put("size", placed.size());
        return finding;
    }

    private static Map<String, Object> box(FindingTrace trace) {
        Map<String, Object> values = new LinkedHashMap<>(finding(trace.finding()));
        CropBox box = trace.mask().bounds();
        values.put("left", box.left());
        values.put("top", box.top());
        values.put("right", box.left() + box.width() - 1);
        values.put("bottom", box.top() + box.height() - 1);
        values.put("pixels", trace.mask().count());
        values.put("rle", RunLength.encode(trace.mask()));
        return values;
    }
}
