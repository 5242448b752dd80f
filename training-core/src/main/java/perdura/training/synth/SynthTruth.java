package perdura.training.synth;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import perdura.grids.spec.CanonicalJson;

/** One line of JSON for each study: findings as drawn and told, and where each image shows them. It holds no texts. */
final class SynthTruth {
    private SynthTruth() {}

    static String line(SyntheticStudy study, List<DrawnImage> drawn) {
        List<Object> images = new ArrayList<>();
        for (int i = 0; i < drawn.size(); i++) {
            SyntheticStudy.SyntheticImage image = study.images().get(i);
            images.add(Map.of(
                    "dicom_id", image.dicomId(),
                    "view", image.view(),
                    "width", image.width(),
                    "height", image.height(),
                    "boxes",
                            drawn.get(i).boxes().stream()
                                    .filter(FindingBox::isVisible)
                                    .map(SynthTruth::box)
                                    .toList()));
        }
        return CanonicalJson.write(Map.of(
                        "study_id", study.studyId(),
                        "subject_id", study.patientId(),
                        "split", study.split().fileName(),
                        "findings",
                                study.findings().stream()
                                        .map(SynthTruth::finding)
                                        .toList(),
                        "images", images))
                + "\n";
    }

    private static Map<String, Object> finding(PlacedFinding placed) {
        Map<String, Object> finding = new LinkedHashMap<>();
        finding.put("finding", placed.finding().key());
        finding.put("side", placed.side().key());
        finding.put("zone", placed.zone().key());
        finding.put("size", placed.size());
        return finding;
    }

    private static Map<String, Object> box(FindingBox box) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("finding", box.finding().finding().key());
        values.put("left", box.left());
        values.put("top", box.top());
        values.put("right", box.right());
        values.put("bottom", box.bottom());
        values.put("pixels", box.pixels());
        return values;
    }
}
