package perdura.datasets.ingest;

import java.util.ArrayList;
import java.util.List;
import perdura.datasets.image.Letterbox;
import perdura.datasets.image.PixelMask;
import perdura.datasets.image.RunLength;
import perdura.datasets.source.FaultList.DataFault;
import perdura.datasets.source.FaultList.FaultException;
import perdura.grids.spec.PerduraException;

/**
 * Masks and boxes of one image, brought to the size of its first view (prior.md 4.1, 4.5).
 *
 * @param width of the file's image
 * @param height of the file's image
 */
record ImageTruths(int width, int height, ImageView view) {
    /** The union of all rows, in pixels of the view. */
    PixelMask mask(List<IngestPlan.Sample.Runs> rows) throws FaultException {
        PixelMask union = new PixelMask(width, height);
        for (IngestPlan.Sample.Runs row : rows) {
            try {
                RunLength.draw(row.text(), union);
            } catch (PerduraException e) {
                throw new FaultException(new DataFault(row.place(), String.valueOf(e.getMessage())));
            }
        }
        return union.resize(view.size(), view.size());
    }

    /** Each x0, y0, x1, y1, in pixels of the view. */
    List<float[]> boxes(List<IngestPlan.Sample.Box> boxes) throws FaultException {
        Letterbox fitted = view.fit() == ImageView.Fit.LETTERBOX
                ? Letterbox.of(width, height, view.size())
                : new Letterbox(view.size(), view.size(), view.size());
        double alongX = (double) fitted.width() / width;
        double alongY = (double) fitted.height() / height;
        List<float[]> scaled = new ArrayList<>(boxes.size());
        for (IngestPlan.Sample.Box box : boxes) {
            double right = box.x() + box.width();
            double bottom = box.y() + box.height();
            if (right > width || bottom > height) {
                throw new FaultException(new DataFault(
                        box.place(),
                        "box x " + box.x() + ", y " + box.y() + ", width " + box.width() + ", height " + box.height()
                                + " lies outside of the image of " + width + " x " + height + " pixels"));
            }
            scaled.add(new float[] {
                (float) (fitted.left() + box.x() * alongX),
                (float) (fitted.top() + box.y() * alongY),
                (float) (fitted.left() + right * alongX),
                (float) (fitted.top() + bottom * alongY)
            });
        }
        return scaled;
    }
}
